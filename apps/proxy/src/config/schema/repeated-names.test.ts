import { describe, expect, it } from "vitest";

import { repeatedNames } from "./repeated-names.ts";

describe("repeated names", () => {
  it("are found at each item but the first of its name", () => {
    const named = ["a", "b", "a", "c", "b", "a"].map((name) => ({ name }));
    expect(repeatedNames(named)).toEqual([2, 4, 5]);
    expect(repeatedNames([])).toEqual([]);
  });

  it("are found by reading each name once, however many there are", () => {
    let reads = 0;
    const items = Array.from({ length: 5_000 }, (_, number) => ({
      get name() {
        reads++;
        return `key-${number}`;
      },
    }));
    expect(repeatedNames(items)).toEqual([]);
    expect(reads).toBe(5_000);
  });
});
