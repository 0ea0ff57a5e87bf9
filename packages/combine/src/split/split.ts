import type { CombinedModel, CombinedQuestion, CombinedRanking, Combination } from "@dheera-ai/core";

import { type Share, chooseModel, pointOf } from "./choose-model.ts";
import { parseSplit, splitKeys } from "./split-options.ts";

/** One of several models, by the session of the request: the same one for the same session. */
export const split: Combination = {
  name: "split",
  optionNames: splitKeys,
  connect(options): CombinedModel {
    const shares = parseSplit(options);
    return { models: shares.map(({ model }) => model), rank: (question) => rankByOne(question, shares) };
  },
};

async function rankByOne(question: CombinedQuestion, shares: readonly Share[]): Promise<CombinedRanking> {
  const answer = await question.ask(chooseModel(shares, placeOf(question, shares)));
  if (answer.failure) throw answer.failure;
  const { order, scores, scoreKind, servedBy, stage } = answer;
  return { order, scores, scoreKind, servedBy, stages: [stage], warnings: [] };
}

/** The names are part of it, so that two splits divide the same sessions apart from each other. */
function placeOf({ session }: CombinedQuestion, shares: readonly Share[]): number {
  return session === undefined ? Math.random() : pointOf(JSON.stringify([shares.map(({ model }) => model), session]));
}
