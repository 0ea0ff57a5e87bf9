import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  type Judgement,
  type JudgingTask,
  isInTask,
  noJudgements,
  progressOf,
  verdictOf,
  withJudgement,
  writeQrels,
} from "./judgements.ts";
import { orderBlindly } from "./order-blindly.ts";

const task: JudgingTask = {
  queries: [
    { id: "q1", documents: ["d1", "d2", "d3"] },
    { id: "q2", documents: ["d3", "d1"] },
    { id: "none", documents: [] },
  ],
};
const pairs = task.queries.flatMap(({ id, documents }) => documents.map((document) => ({ query: id, document })));
const judgement: fc.Arbitrary<Judgement> = fc
  .tuple(fc.constantFrom(...pairs), fc.constantFrom(0 as const, 1 as const, 2 as const, "skipped" as const))
  .map(([pair, verdict]) => Object.assign({ verdict }, pair));

describe("judgements", () => {
  it("have at most one grade a pair, the last one, however often somebody changes it", () => {
    fc.assert(
      fc.property(fc.array(judgement, { maxLength: 30 }), (made) => {
        const all = made.reduce(withJudgement, noJudgements);
        const lines = writeQrels(task, all).trim().split("\n").slice(1);
        const named = lines.map((line) => line.split("\t").slice(0, 2).join("\t"));
        expect(new Set(named).size).toBe(named.length);
        for (const { query, document } of pairs) {
          const last = made.findLast((one) => one.query === query && one.document === document)?.verdict;
          expect(verdictOf(all, query, document)).toBe(last);
          expect(lines.includes(`${query}\t${document}\t${last}`)).toBe(typeof last === "number");
        }
        expect(lines.every((line) => /^q[12]\td[123]\t[012]$/.test(line))).toBe(true);
      }),
    );
  });

  it("add up: what is judged, skipped and left is everything", () => {
    fc.assert(
      fc.property(fc.array(judgement, { maxLength: 30 }), (made) => {
        const progress = progressOf(task, made.reduce(withJudgement, noJudgements));
        expect(progress.judged + progress.skipped + progress.left).toBe(progress.pairs);
        expect(progress.pairs).toBe(5);
        const seen = new Set(made.map(({ query, document }) => `${query} ${document}`));
        expect(progress.left).toBe(5 - seen.size);
      }),
    );
    expect(progressOf(task, noJudgements).finishedQueries).toBe(1);
  });

  it("are of the pairs of the task alone", () => {
    expect(isInTask(task, "q2", "d1")).toBe(true);
    expect(isInTask(task, "q2", "d2")).toBe(false);
    expect(isInTask(task, "q3", "d1")).toBe(false);
  });
});

describe("the order of judging", () => {
  it("has each document once, and is that of the ids and the seed, not that of the rankings", () => {
    const ids = fc.uniqueArray(fc.string(), { maxLength: 12 });
    fc.assert(
      fc.property(ids, fc.integer(), (documents, seed) => {
        const order = orderBlindly("q", documents, seed);
        expect(order.toSorted()).toEqual(documents.toSorted());
        expect(orderBlindly("q", documents.toReversed(), seed)).toEqual(order);
      }),
    );
    const many = Array.from({ length: 20 }, (_, index) => `d${index}`);
    expect(orderBlindly("q", many, 1)).not.toEqual(many);
    expect(orderBlindly("q", many, 1)).not.toEqual(orderBlindly("q", many, 2));
    expect(orderBlindly("q", many, 1)).not.toEqual(orderBlindly("another", many, 1));
  });
});
