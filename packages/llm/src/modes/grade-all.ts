import type { Score, ScoreResult } from "@dheera-ai/core";

import { readGrades } from "../answers/read-grades.ts";
import { gradingPrompt } from "../prompt/prompts.ts";
import type { Answer } from "../wire/read-answer.ts";
import { unusableAnswer } from "../wire/unusable-answer.ts";
import { inParallel } from "./in-parallel.ts";
import { type Judged, subjectOf } from "./judged.ts";
import { Tally } from "./tally.ts";

/**
 * Grades all documents in batches of a window, at the same time. A batch is cheaper than a prompt for each document, and
 * shows the model what there is to compare with: grades of documents alone are often the same for many.
 */
export async function gradeAll(judged: Judged): Promise<ScoreResult> {
  const { call, options, exchanges } = judged;
  const tally = new Tally();
  const batches = divide(call.documents.length, options.window);
  const scored = await inParallel(batches, options.maxParallel, call.signal, (indices, signal) => {
    const subject = subjectOf(judged, indices);
    const read = (answer: Answer): readonly Score[] => {
      const graded = readGrades(answer.text, indices.length);
      if (!graded) throw unusableAnswer(answer, options, "grades no document");
      tally.add(answer.usage, graded.repairs);
      return indices.map((index, position) => ({ index, score: graded.grades[position] ?? 0 }));
    };
    return exchanges.ask((format) => gradingPrompt(subject, options, format), "grades", read, signal);
  });
  return {
    scores: scored.flat(),
    usage: tally.usage,
    keep: tally.keep,
    warnings: tally.warnings("has the grade 0"),
  };
}

/** As few batches as there must be, of like sizes. */
function divide(count: number, window: number): readonly (readonly number[])[] {
  const batches = Math.ceil(count / window);
  return Array.from({ length: batches }, (_, batch) => {
    const start = Math.floor((batch * count) / batches);
    const end = Math.floor(((batch + 1) * count) / batches);
    return Array.from({ length: end - start }, (__, offset) => start + offset);
  });
}
