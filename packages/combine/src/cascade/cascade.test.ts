import { DheeraError } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { scoreIn, scoredModels } from "../testing/scored-models.ts";

const cheap = { score: scoreIn("cheap") };
const dear = { score: scoreIn("dear"), price: 0.002 };
const documents = ["cheap=0.1 dear=0.9", "cheap=0.8 dear=0.2", "cheap=0.6 dear=0.7", "cheap=0.3 dear=0.1"];
const request = { model: "c", query: "q", documents };

function cascadeOf(params: object, models: Parameters<typeof scoredModels>[0] = { cheap, dear }) {
  return scoredModels(models, [{ model_name: "c", dheera_ai_params: { model: "cascade/c", ...params } }]);
}

describe("a cascade", () => {
  it("asks each stage for what the one before kept, and says which stage ranked what", async () => {
    const { dheera, calls } = cascadeOf({ stages: [{ model: "cheap", keep: 2 }, { model: "dear" }] });
    const { model, results, meta, usage } = await dheera.rerank(request);
    expect(calls).toEqual([
      { model: "cheap", documents },
      { model: "dear", documents: [documents[1], documents[2]] },
    ]);
    expect(model).toBe("c");
    expect(results).toEqual([
      { index: 2, relevance_score: 0.7, stage: "dear", stage_score: 0.7 },
      { index: 1, relevance_score: 0.2, stage: "dear", stage_score: 0.2 },
      { index: 3, relevance_score: 0, stage: "cheap", stage_score: 0.3 },
      { index: 0, relevance_score: 0, stage: "cheap", stage_score: 0.1 },
    ]);
    expect(meta).toMatchObject({
      score_kind: "probability",
      stages: [
        { model: "cheap", documents: 4, score_kind: "probability" },
        { model: "dear", documents: 2, score_kind: "probability", cost: 0.002 },
      ],
    });
    expect(usage).toMatchObject({ cost: 0.002 });
  });

  it("does not ask a stage whose predecessor is sure by its margin, nor those behind it", async () => {
    const stages = [
      { model: "cheap", keep: 3 },
      { model: "dear", keep: 2, stop_when_margin: 0.19 },
      { model: "dearest" },
    ];
    const { dheera, calls } = cascadeOf({ stages }, { cheap, dear, dearest: dear });
    const { results, meta } = await dheera.rerank(request);
    expect(calls.map(({ model }) => model)).toEqual(["cheap"]);
    expect(results.map(({ index, relevance_score }) => [index, relevance_score])).toEqual([
      [1, 0.8],
      [2, 0.6],
      [3, 0.3],
      [0, 0.1],
    ]);
    expect(meta.stages?.slice(1)).toEqual([
      { model: "dear", documents: 0, milliseconds: 0, skipped: "margin" },
      { model: "dearest", documents: 0, milliseconds: 0, skipped: "margin" },
    ]);
    expect(meta.warnings).toBeUndefined();
  });

  it("gives the ranking before a stage that failed, with a warning, unless it is to fail", async () => {
    const broken = {
      score: () => {
        throw new DheeraError("provider_failed", "the server is on fire");
      },
    };
    const stages = [{ model: "cheap", keep: 2 }, { model: "dear" }];
    const { dheera } = cascadeOf({ stages }, { cheap, dear: broken });
    const { results, meta } = await dheera.rerank(request);
    expect(results.map(({ index }) => index)).toEqual([1, 2, 3, 0]);
    expect(meta.stages?.[1]).toMatchObject({ model: "dear", documents: 2, failed: "provider_failed" });
    expect(meta.warnings).toEqual(["dear failed, so that cheap has the last word: the server is on fire"]);
    const strict = cascadeOf({ stages, on_stage_error: "fail" }, { cheap, dear: broken });
    await expect(strict.dheera.rerank(request)).rejects.toMatchObject({ code: "provider_failed" });
  });
});
