import type { Score, ScoreResult } from "@dheera-ai/core";

import { readYesNo } from "../answers/read-yes-no.ts";
import { judgingPrompt } from "../prompt/prompts.ts";
import { type Answer, badAnswer } from "../wire/read-answer.ts";
import { inParallel } from "./in-parallel.ts";
import { type Judged, subjectOf } from "./judged.ts";
import { Tally } from "./tally.ts";

/** Asks for each document alone whether it is relevant: the score is the probability that the first word is yes. */
export async function judgeEach(judged: Judged): Promise<ScoreResult> {
  const { call, options, exchanges } = judged;
  const tally = new Tally();
  const scores = await inParallel([...call.documents.keys()], options.maxParallel, call.signal, (index, signal) => {
    const prompt = judgingPrompt(subjectOf(judged, [index]), options);
    const read = ({ tokens, usage }: Answer): Score => {
      tally.add(usage);
      return { index, score: yesNoOf(tokens) };
    };
    return exchanges.ask(() => prompt, "word", read, signal);
  });
  return { scores, usage: tally.usage };
}

function yesNoOf(tokens: Answer["tokens"]): number {
  if (!tokens?.length)
    throw badAnswer(
      "the server gave no log-probabilities, which mode: pointwise needs; set mode: listwise or graded of this deployment",
      true,
    );
  const probability = readYesNo(tokens);
  if (probability !== undefined) return probability;
  throw badAnswer(
    "the model began its answer with another word than yes or no; set reasoning_effort: none if it reasons, or mode: listwise or graded of this deployment",
    true,
  );
}
