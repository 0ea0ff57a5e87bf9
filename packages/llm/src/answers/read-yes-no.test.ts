import fc from "fast-check";
import { expect, it, test } from "vitest";

import { readYesNo } from "./read-yes-no.ts";

const likely = (chances: Readonly<Record<string, number>>) =>
  Object.entries(chances).map(([token, chance]) => ({ token, logprob: Math.log(chance) }));

it("adds up all spellings of both words, and leaves out what is neither", () => {
  const chances = { Yes: 0.3, " yes": 0.2, "▁YES": 0.05, Ġtrue: 0.05, No: 0.1, ' "no': 0.05, FALSE: 0.05, maybe: 0.2 };
  expect(readYesNo([{ token: "Yes", likely: likely(chances) }])).toBeCloseTo(0.6 / 0.8, 12);
});

it("takes the first token that is a word", () => {
  const tokens = [
    { token: "\n", likely: likely({ "\n": 0.9, yes: 0.1 }) },
    { token: "no", likely: likely({ yes: 0.25, no: 0.75 }) },
  ];
  expect(readYesNo(tokens)).toBeCloseTo(0.25, 12);
});

it("knows OpenAI's figure for a chance that is too small to tell", () => {
  expect(
    readYesNo([
      {
        token: "yes",
        likely: [
          { token: "yes", logprob: 0 },
          { token: "no", logprob: -9_999 },
        ],
      },
    ]),
  ).toBe(1);
});

it("does not guess where neither word is likely", () => {
  expect(readYesNo([{ token: "The", likely: likely({ The: 0.9, yesterday: 0.1 }) }])).toBeUndefined();
  expect(readYesNo([])).toBeUndefined();
});

test("is always a probability", () => {
  const one = fc.record({
    token: fc.oneof(fc.constantFrom("yes", " No", "true"), fc.string()),
    logprob: fc.double({ noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(one), (choices) => {
      const probability = readYesNo([{ token: "yes", likely: choices }]);
      if (probability !== undefined) expect(probability >= 0 && probability <= 1).toBe(true);
    }),
  );
});
