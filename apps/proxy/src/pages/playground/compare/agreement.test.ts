import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { agreementOf } from "./agreement.ts";

/** Best first, each with a score of its own. */
const ranking = (...indices: readonly number[]): { readonly index: number; readonly relevance_score: number }[] =>
  indices.map((index, rank) => ({ index, relevance_score: 1 - rank / 100 }));

describe("agreementOf", () => {
  it("counts common documents among the best, and pairs of documents in the same order", () => {
    expect(agreementOf(ranking(0, 1, 2, 3), ranking(1, 0, 3, 2), 4)).toEqual({ k: 2, overlap: 2, tau: 1 / 3 });
    expect(agreementOf(ranking(0, 1, 2, 3), ranking(3, 2, 1, 0), 4)).toEqual({ k: 2, overlap: 0, tau: -1 });
  });

  it("looks at the first ten, at half of few documents, and at no more than were returned", () => {
    const many = Array.from({ length: 50 }, (_, index) => index);
    expect(agreementOf(ranking(...many), ranking(...many), 50).k).toBe(10);
    expect(agreementOf(ranking(0, 1, 2, 3, 4), ranking(0, 1, 2, 3, 4), 5).k).toBe(3);
    expect(agreementOf(ranking(7, 3), ranking(3), 50)).toEqual({ k: 2, overlap: 1, tau: undefined });
  });

  it("takes equal scores as ties, but not those of documents that left a cascade at different scores of a stage", () => {
    const tied = [0, 1, 2].map((index) => ({ index, relevance_score: 0 }));
    expect(agreementOf(tied, ranking(2, 1, 0), 3).tau).toBeUndefined();
    const left = [0, 1, 2].map((index) => ({ index, relevance_score: 0, stage: "bm25", stage_score: 9 - index }));
    expect(agreementOf(left, ranking(2, 1, 0), 3).tau).toBe(-1);
  });

  it("says of a ranking and itself that they agree, and the same of two rankings both ways", () => {
    const rankings = fc.tuple(orders, orders);
    fc.assert(
      fc.property(rankings, ([one, other]) => {
        expect(agreementOf(ranking(...one), ranking(...one), 30)).toMatchObject({ tau: 1 });
        const there = agreementOf(ranking(...one), ranking(...other), 30);
        const back = agreementOf(ranking(...other), ranking(...one), 30);
        expect(back.overlap).toBe(there.overlap);
        expect(back.tau ?? 0).toBeCloseTo(there.tau ?? 0, 12);
        expect(there.overlap).toBeLessThanOrEqual(there.k);
      }),
    );
  });
});

const orders = fc.shuffledSubarray(
  Array.from({ length: 30 }, (_, index) => index),
  { minLength: 2 },
);
