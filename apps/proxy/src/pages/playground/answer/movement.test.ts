import { describe, expect, it } from "vitest";

import { compareRankings, movementOf } from "./movement.ts";

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

describe("compareRankings", () => {
  it.each([
    [[0, 1, 2], [0, 1, 2], "Both rank the documents alike."],
    [[0, 1, 2], [2, 1, 0], "They put different documents first."],
    [[0, 1], [0, 5], "1 of the first 2 are the same, and both put the same document first."],
  ])("says what %j and %j have in common", (one, other, sentence) => {
    expect(compareRankings(one, other)).toBe(sentence);
  });
});
