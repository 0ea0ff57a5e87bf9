import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { rankTopN } from "../response/top-n.ts";
import { diversified } from "./diversified.ts";

const words = ["moon", "sea", "night", "月", "海辺", "a", "b", "!!", ""];
const document = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((found) => found.join(" "));
const scored = fc.array(
  fc.tuple(document, fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, Number.NaN))),
  { minLength: 1, maxLength: 40 },
);
const lambdas = fc.double({ noNaN: true, min: 0, max: 1 });

async function rank(documents: readonly (readonly [string, number])[], lambda: number, count = documents.length) {
  const scores = Float64Array.from(documents, ([, score]) => score);
  const texts = documents.map(([text]) => text);
  return diversified(
    { lambda },
    rankTopN(scores, documents.length),
    scores,
    texts,
    count,
    new AbortController().signal,
  );
}

describe("diversified", () => {
  it("has each document once, the best first and unknown scores last", async () => {
    await fc.assert(
      fc.asyncProperty(scored, lambdas, async (documents, lambda) => {
        const ranking = await rank(documents, lambda);
        expect(ranking.toSorted((a, b) => a - b)).toEqual([...documents.keys()]);
        const byScore = rankTopN(
          Float64Array.from(documents, ([, score]) => score),
          documents.length,
        );
        expect(ranking[0]).toBe(byScore[0]);
        const isKnown = ranking.map((index) => !Number.isNaN(documents[index]?.[1]));
        expect(isKnown).toEqual(isKnown.toSorted((a, b) => Number(b) - Number(a)));
      }),
    );
  });

  it("is the order by score where relevance alone counts", async () => {
    await fc.assert(
      fc.asyncProperty(scored, async (documents) => {
        const byScore = rankTopN(
          Float64Array.from(documents, ([, score]) => score),
          documents.length,
        );
        expect(await rank(documents, 1)).toEqual(byScore);
      }),
    );
  });

  it("begins as the whole ranking does, for any number of results", async () => {
    await fc.assert(
      fc.asyncProperty(scored, lambdas, fc.integer({ min: 1, max: 50 }), async (documents, lambda, count) => {
        expect(await rank(documents, lambda, count)).toEqual((await rank(documents, lambda)).slice(0, count));
      }),
    );
  });

  it.each(["the moon is made of rock", "月は岩でできています", "!!!"])(
    "puts what says the same behind what is less relevant and different: %s",
    async (text) => {
      const documents = [
        [text, 0.9],
        [text, 0.9],
        [`${text} `, 0.89],
        ["another matter entirely", 0.6],
        ["nothing of the kind", 0.1],
      ] as const;
      expect((await rank(documents, 0.7)).slice(0, 2)).toEqual([0, 3]);
      expect((await rank(documents, 0.7)).slice(2)).toEqual(expect.arrayContaining([1, 2]));
    },
  );

  it("puts a text with a word changed behind a different one", async () => {
    const text = "the moon orbits the earth once in twenty seven days and always shows the same side to it";
    const documents = [
      [text, 0.9],
      [text.replace("always", "ever"), 0.88],
      ["tides rise and fall with the sea", 0.7],
      ["nothing", 0],
    ] as const;
    expect((await rank(documents, 0.5)).slice(0, 2)).toEqual([0, 2]);
  });

  it("leaves what stands behind the best thousand where it is", async () => {
    const documents = Array.from({ length: 1_500 }, (_, index) => ["same", 1 - index / 2_000] as const);
    const ranking = await rank(documents, 0.3);
    expect(ranking.slice(1_000)).toEqual(Array.from({ length: 500 }, (_, index) => 1_000 + index));
  });

  it.each([
    ["reads texts", 1_000, 3],
    ["compares them", 99, 600],
  ])("ends soon when its request does while it %s", async (_what, count, length) => {
    const caller = new AbortController();
    const scores = Float64Array.from({ length: count }, (_, index) => 1 - index / count);
    const texts = Array.from(scores, () => Array.from({ length }, (_, word) => (36 + word).toString(36)).join(" "));
    const ranking = diversified({ lambda: 0.5 }, [...scores.keys()], scores, texts, count, caller.signal);
    caller.abort(new Error("gone"));
    await expect(ranking).rejects.toThrow("gone");
  });
});
