import { expect, it } from "vitest";

import { scoreIn, scoredModels } from "../testing/scored-models.ts";

const documents = ["a=0.9 b=1", "a=0.5 b=30", "a=0.1 b=20"];
const models = { a: { score: scoreIn("a") }, b: { score: scoreIn("b"), kind: "unknown" as const } };

it("merges the ranks of its members", async () => {
  const { dheera, calls } = scoredModels(models, [
    { model_name: "both", dheera_ai_params: { model: "fusion/both", models: ["a", "b"], method: "rrf", k: 60 } },
  ]);
  const { results, meta } = await dheera.rerank({ model: "both", query: "q", documents });
  expect(calls).toHaveLength(2);
  expect(results).toEqual([
    { index: 1, relevance_score: 1 / 62 + 1 / 61 },
    { index: 0, relevance_score: 1 / 61 + 1 / 63 },
    { index: 2, relevance_score: 1 / 63 + 1 / 62 },
  ]);
  expect(meta).toMatchObject({ score_kind: "fused", stages: [{ model: "a", documents: 3 }, { model: "b" }] });
});
