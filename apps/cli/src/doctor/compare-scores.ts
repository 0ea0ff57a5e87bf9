import type { Dheera, Profile } from "@dheera-ai/core";

import { passages, query } from "./workload.ts";

/**
 * The largest difference of a pair's score between calls. The pairs are scored again in the same batch and, where a
 * score does not depend on the other documents, in a smaller one: servers pad and round differently from batch to
 * batch. @throws DheeraError
 */
export async function compareScores(
  dheera: Dheera,
  model: string,
  scoring: Profile["scoring"],
  signal: AbortSignal,
): Promise<number> {
  const documents = passages(8);
  const batches = [documents, documents, ...(scoring === "pointwise" ? [documents.slice(0, 3)] : [])];
  const answers: number[][] = [];
  // One after another: equal requests at the same time share one call, and their scores would agree for that reason
  // alone.
  for (const batch of batches) answers.push(await scoresOf(dheera, { model, query, documents: batch }, signal));
  const [first = [], ...others] = answers;
  return Math.max(
    ...others.flatMap((scores) => scores.map((score, index) => Math.abs(score - (first[index] ?? Number.NaN)))),
  );
}

/** In the order of the documents. */
async function scoresOf(
  dheera: Dheera,
  request: Parameters<Dheera["rerank"]>[0],
  signal: AbortSignal,
): Promise<number[]> {
  const { results } = await dheera.rerank(request, { signal });
  return results.toSorted((a, b) => a.index - b.index).map((result) => result.relevance_score);
}
