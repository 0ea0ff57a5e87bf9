import type { CombinedModel, CombinedQuestion, CombinedRanking, Combination, MemberRanking } from "@dheera-ai/core";

import { type Scale, type Vote, fuse, reciprocalRanks, weightedMinMax, weightedZScores } from "./fuse.ts";
import { type FusionOptions, type Member, fusionKeys, inputOrder, parseFusion } from "./fusion-options.ts";

/** Several models for all documents at the same time, whose rankings become one. */
export const fusion: Combination = {
  name: "fusion",
  optionNames: fusionKeys,
  connect(options): CombinedModel {
    const parsed = parseFusion(options);
    return {
      models: parsed.members.map(({ model }) => model).filter((model) => model !== inputOrder),
      rank: (question) => rankTogether(question, parsed),
    };
  },
};

async function rankTogether(question: CombinedQuestion, options: FusionOptions): Promise<CombinedRanking> {
  const asked = options.members.filter(({ model }) => model !== inputOrder);
  const answers = await Promise.all(
    asked.map(async (member) => {
      const answer = await question.ask(member.model, undefined, { uncalibrated: options.method === "rrf" });
      // Thrown here, so that the others are not waited for.
      if (answer.failure && options.onModelError === "fail") throw answer.failure;
      return { member, answer };
    }),
  );
  const ranked: RankedMember[] = [];
  const warnings: string[] = [];
  for (const { member, answer } of answers)
    if (answer.failure) warnings.push(`${member.model} failed and was left out: ${answer.failure.message}`);
    else ranked.push({ member, ranking: answer });
  const failure = answers.find(({ answer }) => answer.failure)?.answer.failure;
  if (ranked.length === 0 && failure) throw failure;
  const documents = question.texts.length;
  const votes = [
    ...ranked.map(({ member, ranking }): Vote => ({ ...ranking, weight: member.weight })),
    ...options.members.filter(({ model }) => model === inputOrder).map(({ weight }) => asTheyCame(documents, weight)),
  ];
  return {
    ...fuse(votes, documents, scaleOf(options)),
    stages: answers.map(({ answer }) => answer.stage),
    warnings: [...warnings, ...(options.method === "rrf" ? [] : warningsOfDistances(ranked))],
  };
}

interface RankedMember {
  readonly member: Member;
  readonly ranking: MemberRanking;
}

function scaleOf({ method, k }: FusionOptions): Scale {
  return { rrf: reciprocalRanks(k), z_score: weightedZScores, min_max: weightedMinMax }[method];
}

/** Any scores that descend will do: `inputOrder` is for ranks alone. */
function asTheyCame(documents: number, weight: number): Vote {
  const order = Array.from({ length: documents }, (_, index) => index);
  return { order, scores: order.map((index) => documents - index), levels: order, weight };
}

function warningsOfDistances(ranked: readonly RankedMember[]): readonly string[] {
  return ranked
    .filter(({ ranking }) => ranking.scoreKind === "rank")
    .map(
      ({ member }) =>
        `the scores of ${member.model} are an order whose distances mean nothing; method: rrf is for such`,
    );
}
