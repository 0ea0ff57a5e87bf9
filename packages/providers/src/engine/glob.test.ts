import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { matchesGlob } from "./glob.ts";

describe("matchesGlob", () => {
  it.each([
    ["rerank-v5*", "rerank-v5.0-pro", true],
    ["rerank-v5*", "rerank-v4.0-pro", false],
    ["*-lite", "rerank-2.5-lite", true],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["ab*ba", "aba", false],
    ["**", "any", true],
    ["a.c", "abc", false],
  ])("%j and %j: %s", (glob, text, matches) => {
    expect(matchesGlob(glob, text)).toBe(matches);
  });

  it("matches what a regular expression does", () => {
    const letters = fc.array(fc.constantFrom("a", "b", ".", "*"), { maxLength: 8 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(letters, letters, (glob, text) => {
        const pattern = new RegExp(`^${glob.replaceAll(".", "\\.").replaceAll("*", "[^]*")}$`);
        expect(matchesGlob(glob, text)).toBe(pattern.test(text));
      }),
    );
  });
});
