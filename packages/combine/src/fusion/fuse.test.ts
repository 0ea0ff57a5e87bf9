import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Scale, type Vote, fuse, reciprocalRanks, weightedMinMax, weightedZScores } from "./fuse.ts";
import { ranksOf } from "./ranks-of.ts";
import { minMaxOf, zScoresOf } from "./scaled-scores.ts";

const scales: readonly [string, Scale][] = [
  ["rrf", reciprocalRanks(60)],
  ["rrf with k 0", reciprocalRanks(0)],
  ["z_score", weightedZScores],
  ["min_max", weightedMinMax],
];

/** A member's ranking of this many documents: any finite scores, some of them refused. */
function voteOf(documents: number): fc.Arbitrary<Vote> {
  const score = fc.oneof(
    { arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true }), weight: 3 },
    { arbitrary: fc.integer({ min: -3, max: 3 }), weight: 3 },
    { arbitrary: fc.constant(Number.NaN), weight: 1 },
  );
  return fc
    .record({
      scores: fc.array(score, { minLength: documents, maxLength: documents }),
      weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
    })
    .map(({ scores, weight }) => {
      const at = (index: number): number => scores[index] ?? Number.NaN;
      const known = [...scores.keys()].filter((index) => !Number.isNaN(at(index)));
      const refused = [...scores.keys()].filter((index) => Number.isNaN(at(index)));
      const order = [...known.toSorted((a, b) => at(b) - at(a) || a - b), ...refused];
      const own = order.map(at);
      return { order, scores: own, levels: levelsOf(own), weight };
    });
}

/** As core tells them of a member that is no cascade. */
function levelsOf(scores: readonly number[]): readonly number[] {
  let level = 0;
  return scores.map((score, rank) => {
    if (rank > 0 && scores[rank - 1] !== score) level++;
    return Number.isNaN(score) ? Number.NaN : level;
  });
}

const votes = fc.integer({ min: 1, max: 30 }).chain((documents) =>
  fc.record({
    documents: fc.constant(documents),
    members: fc.array(voteOf(documents), { minLength: 1, maxLength: 5 }),
  }),
);

describe.each(scales)("a fusion by %s", (_name, scale) => {
  it("ranks each document exactly once, by finite scores that never ascend", () => {
    fc.assert(
      fc.property(votes, ({ documents, members }) => {
        const { order, scores, scoreKind } = fuse(members, documents, scale);
        expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: documents }, (_, index) => index));
        expect(scores.every((score) => Number.isFinite(score))).toBe(true);
        expect(scores.every((score, rank) => score <= (scores[rank - 1] ?? Infinity))).toBe(true);
        expect(scoreKind).toBe("fused");
      }),
    );
  });

  it("is the same to the last digit whatever the order of the members", () => {
    fc.assert(
      fc.property(
        votes.chain(({ documents, members }) =>
          fc.record({
            documents: fc.constant(documents),
            members: fc.constant(members),
            others: fc.shuffledSubarray(members, { minLength: members.length }),
          }),
        ),
        ({ documents, members, others }) => {
          expect(fuse(others, documents, scale)).toEqual(fuse(members, documents, scale));
        },
      ),
    );
  });

  it("leaves the order of a single member as it is, up to ties", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }).chain((documents) => voteOf(documents)),
        (vote) => {
          const { order } = fuse([vote], vote.order.length, scale);
          const scoreAt = new Map(vote.order.map((index, rank) => [index, vote.scores[rank] ?? Number.NaN]));
          const known = order.map((index) => scoreAt.get(index) ?? Number.NaN).filter((score) => !Number.isNaN(score));
          // Scores that lie closer together than numbers can tell once they are scaled may change places.
          const nearness = Math.max(...known.map(Math.abs), 0) * 1e-9;
          expect(known.every((score, rank) => score <= (known[rank - 1] ?? Infinity) + nearness)).toBe(true);
        },
      ),
    );
  });
});

describe("reciprocal rank fusion", () => {
  it("adds weight / (k + rank), as its paper has it", () => {
    const first: Vote = { order: [0, 1, 2], scores: [3, 2, 1], levels: [0, 1, 2], weight: 1 };
    const second: Vote = { order: [2, 1, 0], scores: [9, 8, 7], levels: [0, 1, 2], weight: 2 };
    expect(fuse([first, second], 3, reciprocalRanks(60))).toEqual({
      order: [2, 1, 0],
      scores: [1 / 63 + 2 / 61, 1 / 62 + 2 / 62, 1 / 61 + 2 / 63],
      scoreKind: "fused",
    });
  });

  it("gives equal scores the mean of their ranks, and what was refused none", () => {
    const ranking = { order: [4, 0, 1, 2, 3], levels: [0, 1, 1, 1, Number.NaN] };
    expect([...ranksOf(ranking)]).toEqual([
      [4, 1],
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
  });
});

describe("scaled scores", () => {
  const ranking = { order: [2, 0, 1, 3], scores: [5, 3, 1, Number.NaN] };

  it("are between 0 and 1 by min-max, and have mean 0 and deviation 1 as z-scores", () => {
    expect(minMaxOf(ranking)).toEqual(
      new Map([
        [2, 1],
        [0, 0.5],
        [1, 0],
        [3, 0],
      ]),
    );
    const scores = [...zScoresOf({ order: [2, 0, 1], scores: [5, 3, 1] }).values()];
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(0, 12);
    expect(scores.reduce((sum, score) => sum + score ** 2, 0) / 3).toBeCloseTo(1, 12);
  });

  it("say nothing where all are equal", () => {
    const flat = { order: [0, 1], scores: [7, 7] };
    expect([...minMaxOf(flat).values(), ...zScoresOf(flat).values()]).toEqual([0, 0, 0, 0]);
  });
});
