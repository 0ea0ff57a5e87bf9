import { describe, expect, it } from "vitest";

import { movementFromInput, movementOf } from "./movement.ts";

describe("movementOf", () => {
  it.each([
    [0, 3, "+3", "3 places higher than with a"],
    [4, 3, "−1", "1 place lower than with a"],
    [2, 2, "=", "the same rank as with a"],
    [2, undefined, "new", "not in the ranking of a"],
  ])("says of rank %j that was %j: %s", (rank, before, short, long) => {
    expect(movementOf(rank, before, "a")).toEqual({ short, long });
  });
});

describe("movementFromInput", () => {
  it.each([
    [3, 0, "↑ was 4"],
    [0, 3, "↓ was 1"],
    [2, 2, "was 3"],
  ])("says of document %i at rank %i: %s", (index, rank, short) => {
    expect(movementFromInput(index, rank)).toEqual({ short, long: `document ${index + 1}` });
  });
});
