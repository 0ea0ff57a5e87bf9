import type { CombinedModel, CombinedQuestion, CombinedRanking, Combination, RerankStage } from "@dheera-ai/core";

import { type CascadeOptions, cascadeKeys, parseCascade } from "./cascade-options.ts";
import { isSure } from "./is-sure.ts";
import { type Layer, stackLayers } from "./layers.ts";

/** Models one after the other, each for fewer documents: cheap ones for many, dear ones for the best of those. */
export const cascade: Combination = {
  name: "cascade",
  optionNames: cascadeKeys,
  connect(options): CombinedModel {
    const parsed = parseCascade(options);
    return {
      models: parsed.stages.map(({ model }) => model),
      rank: (question) => rankByStages(question, parsed),
    };
  },
};

async function rankByStages(
  question: CombinedQuestion,
  { stages, onStageError }: CascadeOptions,
): Promise<CombinedRanking> {
  const layers: Layer[] = [];
  const told: RerankStage[] = [];
  const warnings: string[] = [];
  let keep = question.texts.length;
  for (const [position, stage] of stages.entries()) {
    const { model } = stage;
    const before = layers.at(-1);
    if (before) {
      const { sure, warnings: hindrances } = isSure(before, stage, question.asksRawScores);
      warnings.push(...hindrances);
      if (sure) {
        for (const left of stages.slice(position))
          told.push({ model: left.model, documents: 0, milliseconds: 0, skipped: sure });
        break;
      }
    }
    const answer = await question.ask(model, before?.order.slice(0, keep));
    told.push(answer.stage);
    if (answer.failure) {
      if (!before || onStageError === "fail") throw answer.failure;
      warnings.push(`${model} failed, so that ${before.model} has the last word: ${answer.failure.message}`);
      break;
    }
    layers.push({ ...answer, model });
    keep = stage.keep;
  }
  return { ...stackLayers(layers), stages: told, warnings };
}
