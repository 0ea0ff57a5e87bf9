import fc from "fast-check";
import { expect, test } from "vitest";

import { piecesOf } from "./pieces-of.ts";

test("the pieces of a text add up to it, and none is longer than the limit", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "é"), maxLength: 200 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 50 }), (value, limit) => {
      const pieces = [...piecesOf(value, limit)];
      expect(pieces.join("")).toBe(value);
      for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(limit);
    }),
  );
});

test("a text is cut between words where it has spaces", () => {
  expect([...piecesOf("one two three", 8)]).toEqual(["one two", " three"]);
});

test("a text without spaces is cut at the limit", () => {
  expect([...piecesOf("abcdef", 4)]).toEqual(["abcd", "ef"]);
});
