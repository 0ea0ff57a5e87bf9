import fc from "fast-check";
import { expect, it } from "vitest";

import { checkResult } from "./check-result.ts";

it("puts scores into the order of the documents, whatever the order they came in", () => {
  const anyAnswer = fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 })
    .chain((scores) =>
      fc.tuple(fc.constant(scores), fc.shuffledSubarray([...scores.keys()], { minLength: scores.length })),
    );
  fc.assert(
    fc.property(anyAnswer, ([scores, order]) => {
      const rows = order.map((index) => ({ index, score: scores[index] ?? 0 }));
      expect([...checkResult({ scores: rows }, scores.length, "acme").scores]).toEqual(scores);
    }),
  );
});

it.each([
  ["a missing document", [{ index: 0, score: 1 }], "1 scores came back for 2 documents"],
  [
    "an index that came twice",
    [
      { index: 0, score: 1 },
      { index: 0, score: 2 },
    ],
    "index 0 came back twice",
  ],
  [
    "an index out of range",
    [
      { index: 0, score: 1 },
      { index: 2, score: 2 },
    ],
    "index 2 is outside 0 to 1",
  ],
  [
    "a negative index",
    [
      { index: 0, score: 1 },
      { index: -1, score: 2 },
    ],
    "index -1 is outside 0 to 1",
  ],
  [
    "a fractional index",
    [
      { index: 0, score: 1 },
      { index: 0.5, score: 2 },
    ],
    "index 0.5 is outside 0 to 1",
  ],
  [
    "NaN",
    [
      { index: 0, score: 1 },
      { index: 1, score: Number.NaN },
    ],
    "the score of index 1 is not a finite number",
  ],
  [
    "infinity",
    [
      { index: 0, score: 1 },
      { index: 1, score: Infinity },
    ],
    "the score of index 1 is not a finite number",
  ],
])("refuses %s", (_, scores, message) => {
  expect(() => checkResult({ scores }, 2, "acme")).toThrow(
    expect.objectContaining({ code: "provider_bad_response", message: expect.stringContaining(message) }),
  );
});
