import type { RerankResponse } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { drawRanking } from "./ranking-table.ts";

const documents = [
  "Carson City is the capital city of the American state of Nevada.",
  { text: "首都ワシントンD.C.は米国の首都です。\nIt holds the White House." },
  { title: "Saipan", island: true },
];

const ranking: RerankResponse = {
  id: "00000000-0000-4000-8000-000000000000",
  model: "bge-reranker-base",
  results: [
    { index: 1, relevance_score: 0.99907 },
    { index: 0, relevance_score: 0.5 },
    { index: 2, relevance_score: 0.00002 },
  ],
  meta: {
    api_version: { version: "2", is_experimental: false },
    billed_units: { search_units: 1 },
    score_kind: "probability",
  },
};

describe("drawRanking", () => {
  it("draws rank, score, bar, index and text", () => {
    expect(drawRanking(ranking, documents, { width: 80, color: false })).toBe(
      [
        "    score                        index  document",
        "1  0.9991  ████████████████████      1  首都ワシントンD.C.は米国の首都です。 It…",
        "2  0.5000  ██████████                0  Carson City is the capital city of the…",
        '3  0.0000                            2  {"title":"Saipan","island":true}',
        "",
        "bge-reranker-base · 3 results of 3 documents",
      ].join("\n"),
    );
  });

  it("keeps within a narrow terminal", () => {
    expect(drawRanking(ranking, documents, { width: 50, color: false }).split("\n").slice(0, 3)).toEqual([
      "    score            index  document",
      "1  0.9991  ████████      1  首都ワシントンD.C.は…",
      "2  0.5000  ████          0  Carson City is the ca…",
    ]);
  });

  it("colours only where colour is shown", () => {
    expect(drawRanking(ranking, documents, { width: 80, color: true })).toContain("\u001B[");
    expect(drawRanking(ranking, documents, { width: 80, color: false })).not.toContain("\u001B[");
  });
});

describe("the last line of a ranking", () => {
  const lastLine = (usage: RerankResponse["usage"]): string | undefined =>
    drawRanking({ ...ranking, ...(usage && { usage }) }, documents, { width: 80, color: false })
      .split("\n")
      .at(-1);

  it.each([
    [{ cost: 0.00205 }, "bge-reranker-base · 3 results of 3 documents · $0.00205"],
    [{ cost: 0.00000005 }, "bge-reranker-base · 3 results of 3 documents · $0.00000005"],
    [{ cost: 0, saved_cost: 0.002 }, "bge-reranker-base · 3 results of 3 documents · $0 · $0.002 saved"],
    [{ prompt_tokens: 30 }, "bge-reranker-base · 3 results of 3 documents"],
  ])("says what it cost where that is known: %j", (usage, line) => {
    expect(lastLine(usage)).toBe(line);
  });
});
