import type { ScoreResult } from "../contract.ts";
import { DheeraError } from "../errors.ts";

/**
 * A provider's scores in the order of the call's documents, after checking that each document has exactly one finite score.
 * @throws DheeraError `provider_bad_response`
 */
export function checkScores(result: ScoreResult, count: number): Float64Array {
  const scores = new Float64Array(count).fill(Number.NaN);
  if (result.scores.length !== count) throw bad(`${result.scores.length} scores came back for ${count} documents`);
  for (const { index, score } of result.scores) {
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw bad(`index ${index} is outside 0 to ${count - 1}`);
    if (!Number.isNaN(scores[index])) throw bad(`index ${index} came back twice`);
    if (typeof score !== "number" || !Number.isFinite(score))
      throw bad(`the score of index ${index} is not a finite number`);
    scores[index] = score;
  }
  return scores;
}

function bad(what: string): DheeraError {
  return new DheeraError(
    "provider_bad_response",
    `the upstream's answer is not a ranking of the documents it was sent: ${what}`,
  );
}
