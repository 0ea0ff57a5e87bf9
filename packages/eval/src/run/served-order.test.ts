import type { RerankResponse } from "@dheera-ai/core";
import { expect, it } from "vitest";

import { evaluate } from "./evaluate.ts";
import { smallCollection } from "./fixtures/small-collection.ts";

/** The best documents that are measured, of an answer that serves q0-d1, q0-d3, q0-d0, q0-d2 with these scores. */
async function measuredOrder(
  scores: readonly number[],
  meta: Partial<RerankResponse["meta"]>,
): Promise<readonly string[] | undefined> {
  const report = await evaluate({
    collection: smallCollection(1),
    models: [{ name: "m", identity: "" }],
    rerank: async () => ({
      id: "1",
      model: "m",
      results: [1, 3, 0, 2].map((index, rank) => ({ index, relevance_score: scores[rank] ?? 0 })),
      meta: { api_version: { version: "2", is_experimental: false }, billed_units: {}, ...meta },
    }),
  });
  return report.models["m"]?.per_query["q0"]?.top;
}

const served = ["q0-d1", "q0-d3", "q0-d0", "q0-d2"];

it.each<[string, readonly number[], Partial<RerankResponse["meta"]>]>([
  ["a diversified answer", [0.2, 0.9, 0.5, 0.5], { score_kind: "probability", diversified: true }],
  ["a plateau of a calibration", [0.5, 0.5, 0.5, 0.1], { score_kind: "calibrated" }],
  ["places in a list", [0.5, 0.5, 0.5, 0.5], { score_kind: "rank" }],
  ["fused ranks", [0.5, 0.5, 0.5, 0.5], { score_kind: "fused" }],
  [
    "what left a cascade early",
    [0.9, 0, 0, 0],
    { score_kind: "probability", stages: [{ model: "a", documents: 4, milliseconds: 1 }] },
  ],
  ["scores that single precision cannot tell apart", [0.1 + 2e-12, 0.1 + 1e-12, 0.1, 0], { score_kind: "probability" }],
])("measures the order that was served: %s", async (_, scores, meta) => {
  expect(await measuredOrder(scores, meta)).toEqual(served);
});

it("breaks ties of plain scores by the ids, so that the order of the candidates helps no model", async () => {
  expect(await measuredOrder([0.9, 0.5, 0.5, 0.5], { score_kind: "probability" })).toEqual([
    "q0-d1",
    "q0-d3",
    "q0-d2",
    "q0-d0",
  ]);
});
