import { isDheeraError } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { allRows } from "../rows/all-rows.ts";
import { answerOfRow, errorCodeOf } from "./answer-of-row.ts";
import type { RowResponse } from "./row.ts";

describe("the answer of a row", () => {
  it("is read in any shape that rerank servers are known to have where the row says nothing", () => {
    const read = answerOfRow();
    for (const answer of [
      { results: [{ index: 1, relevance_score: 0.5 }] },
      { data: [{ index: 1, score: 0.5 }] },
      [{ index: 1, score: 0.5 }],
    ])
      expect(read(answer).scores).toEqual([{ index: 1, score: 0.5 }]);
  });

  it.each<[string, RowResponse, unknown]>([
    ["in depth", { results: "output.results" }, { output: { results: [{ index: 1, relevance_score: 0.5 }] } }],
    ["a text for an index", { index: "id", score: "s" }, { results: [{ id: "1", s: 0.5 }] }],
    ["fields in depth", { index: "doc.i", score: "doc.s" }, { results: [{ doc: { i: 1, s: 0.5 } }] }],
  ])("is read where the row says it stands: %s", (_, response, answer) => {
    expect(answerOfRow(response)(answer).scores).toEqual([{ index: 1, score: 0.5 }]);
  });

  it("is read by position, as numbers or as objects", () => {
    const read = answerOfRow({ results: "scores", by_position: true });
    const scores = [
      { index: 0, score: 0.5 },
      { index: 1, score: 0.1 },
    ];
    expect(read({ scores: [0.5, 0.1] }).scores).toEqual(scores);
    expect(read({ scores: [{ score: 0.5 }, { score: 0.1, index: 9 }] }).scores).toEqual(scores);
  });

  it("tells what was billed, from the first field that is a number", () => {
    const read = answerOfRow({ input_tokens: ["billed", "usage.tokens"], cost: ["status.cost"], search_units: [] });
    const answer = {
      results: [],
      billed: "12",
      usage: { tokens: 3, search_units: 9 },
      status: { cost: 0.25 },
    };
    expect(read(answer).usage).toEqual({ inputTokens: 3, cost: 0.25 });
    expect(answerOfRow()({ results: [], usage: { search_units: 2, cost: -1 } }).usage).toEqual({ searchUnits: 2 });
  });

  it("has what else a result says only where it is asked for, whatever the order", () => {
    const answer = {
      results: [
        { index: 1, relevance_score: 0.5, relevant_spans: [{ start: 0, end: 2, score: 0.9 }], document: "x" },
        { index: 0, relevance_score: 0.1 },
      ],
    };
    const read = answerOfRow({ details: ["relevant_spans"] });
    expect(read(answer).scores[0]).toEqual({ index: 1, score: 0.5 });
    expect(read(answer, true).scores).toEqual([
      { index: 1, score: 0.5, details: { relevant_spans: [{ start: 0, end: 2, score: 0.9 }] } },
      { index: 0, score: 0.1 },
    ]);
  });

  it("names its error in one word, or not at all", () => {
    const response = { error_code: ["error.code", "code"] };
    expect(errorCodeOf({ code: "InvalidParameter", message: "document: secret" }, response)).toBe("InvalidParameter");
    expect(errorCodeOf({ code: "document: secret" }, response)).toBeUndefined();
    expect(errorCodeOf({ code: "InvalidParameter" })).toBeUndefined();
  });
});

/** Any JSON, with the names that the row looks for. */
function jsonWith(names: readonly string[]): fc.Arbitrary<unknown> {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, 0, -1, 1e300, 0.5, "", "secret document", "1", "__proto__"),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...names, "__proto__", "length", "toString"), tie("value"), { maxKeys: 4 }),
    ),
  }));
  return value;
}

describe.each(allRows.map((defined) => [defined.row.name, defined.row] as const))(
  "an answer of %s",
  (_, { response }) => {
    const { results = "results", index = "index", score = "relevance_score" } = response ?? {};
    const names = ["usage", "meta", "data", results, index, score].flatMap((name) => name.split("."));

    it("that is anything at all is read, or is a bad response that repeats nothing of it", () => {
      const read = answerOfRow(response);
      fc.assert(
        fc.property(jsonWith(names), fc.boolean(), (answer, wantsDetails) => {
          try {
            const { scores, usage = {} } = read(answer, wantsDetails);
            for (const row of scores) expect([typeof row.index, typeof row.score]).toEqual(["number", "number"]);
            for (const figure of Object.values(usage)) expect(figure).toBeGreaterThanOrEqual(0);
          } catch (error) {
            if (!isDheeraError(error)) throw error;
            expect(error.code).toBe("provider_bad_response");
            expect(error.message).not.toContain("secret");
            expect(error.message.length).toBeLessThan(200);
          }
          const code = errorCodeOf(answer, response);
          expect(code === undefined || /^[\w.-]{2,64}$/.test(code)).toBe(true);
        }),
        { numRuns: 500 },
      );
    });
  },
);
