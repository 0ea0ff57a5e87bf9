import type { ScoreResult } from "@dheera-ai/core";

import { readRanking } from "../answers/read-ranking.ts";
import { rankingPrompt } from "../prompt/prompts.ts";
import type { Answer } from "../wire/read-answer.ts";
import { unusableAnswer } from "../wire/unusable-answer.ts";
import { type Judged, subjectOf } from "./judged.ts";
import { type RankWindow, slideWindow } from "./listwise.ts";
import { Tally } from "./tally.ts";
import { holdTournament } from "./tournament.ts";

/** Ranks by permutations of windows. Scores fall evenly from 1 to 1/n: only their order means something. */
export async function rankAll(judged: Judged): Promise<ScoreResult> {
  const { call, options, exchanges } = judged;
  const tally = new Tally();
  const rank: RankWindow = (indices, signal) => {
    const subject = subjectOf(judged, indices);
    const read = (answer: Answer): readonly number[] => {
      const ranking = readRanking(answer.text, indices.length);
      if (!ranking) throw unusableAnswer(answer, options, "names no document");
      tally.add(answer.usage, ranking.repairs);
      return ranking.order.map((position) => indices[position] ?? 0);
    };
    return exchanges.ask((format) => rankingPrompt(subject, options, format), "ranking", read, signal);
  };
  const count = call.documents.length;
  const order =
    options.mode === "tournament"
      ? await holdTournament(count, options, call.signal, rank)
      : await slideWindow(count, options, call.signal, rank);
  return {
    scores: order.map((index, position) => ({ index, score: (count - position) / count })),
    usage: tally.usage,
    keep: tally.keep,
    warnings: tally.warnings("stays behind those that were, in the order before"),
  };
}
