import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Grade, Judgements, countJudgements, judgedOnly } from "./judgements.ts";

describe("judgements", () => {
  it("are kept by query and text, with the documents that were ranked beside those that were judged", () => {
    const judgements = new Judgements();
    judgements.judge("a?", "one", 2, ["one", "two"]);
    judgements.judge("a?", "two", 0, ["three"]);
    judgements.judge("b?", "one", 1, []);
    expect(judgements.gradeOf("a?", "one")).toBe(2);
    expect(judgements.gradeOf("b?", "two")).toBeUndefined();
    expect(judgements.list()).toEqual([
      { query: "a?", candidates: [{ text: "one", grade: 2 }, { text: "two", grade: 0 }, { text: "three" }] },
      { query: "b?", candidates: [{ text: "one", grade: 1 }] },
    ]);
    expect(countJudgements(judgements.list())).toBe(3);
    expect(judgedOnly(judgements.list())[0]?.candidates).toHaveLength(2);
  });

  it("are taken back, and a query without any is forgotten", () => {
    const judgements = new Judgements();
    judgements.judge("a?", "one", 2, ["two"]);
    judgements.judge("a?", "one", undefined, []);
    expect(judgements.list()).toEqual([]);
  });

  it("are the same after they were written and read, whatever was judged", () => {
    const steps = fc.array(
      fc.record({ query: word, text: word, grade: fc.constantFrom<Grade | undefined>(0, 1, 2, undefined) }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        const judgements = new Judgements();
        const last = new Map<string, Grade | undefined>();
        for (const { query, text, grade } of all) {
          judgements.judge(query, text, grade, []);
          last.set(JSON.stringify([query, text]), grade);
        }
        const again = Judgements.read(JSON.parse(JSON.stringify(judgements.list())));
        expect(again.list()).toEqual(judgements.list());
        for (const { query, text } of all)
          expect(again.gradeOf(query, text)).toBe(last.get(JSON.stringify([query, text])));
      }),
    );
  });

  it.each([["text"], [null], [[{ query: "a?" }]], [[{ query: "a?", candidates: [{ text: "one", grade: 7 }] }]]])(
    "are none in %j",
    (kept) => {
      expect(Judgements.read(kept).list()).toEqual([]);
    },
  );
});

const word = fc.constantFrom("one", "two", "three", "__proto__", "");
