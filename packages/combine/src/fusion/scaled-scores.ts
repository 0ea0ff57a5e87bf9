import type { MemberRanking } from "@dheera-ai/core";

type Scored = Pick<MemberRanking, "order" | "scores">;

/** How many standard deviations each score is above the mean; 0 where all are equal. */
export function zScoresOf(ranking: Scored): ReadonlyMap<number, number> {
  const scores = shrunk(knownOf(ranking));
  const mean = scores.reduce((sum, score) => sum + score / scores.length, 0);
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2 / scores.length, 0);
  const deviation = Math.sqrt(variance);
  return byDocument(ranking, scores, (score) => (deviation === 0 ? 0 : (score - mean) / deviation));
}

/** Each score between 0, the lowest, and 1, the highest; 0 where all are equal. */
export function minMaxOf(ranking: Scored): ReadonlyMap<number, number> {
  const scores = shrunk(knownOf(ranking));
  const [highest = 0] = scores;
  const lowest = scores.at(-1) ?? 0;
  return byDocument(ranking, scores, (score) => (highest === lowest ? 0 : (score - lowest) / (highest - lowest)));
}

/** The scores that the member gave; those that it did not come last. */
function knownOf({ scores }: Scored): readonly number[] {
  return scores.filter((score) => !Number.isNaN(score));
}

/**
 * In −2..2, where sums and squares of any scores are numbers. By a power of two, which changes no digit; 1023 is the greatest that a
 * number can have.
 */
function shrunk(scores: readonly number[]): readonly number[] {
  const largest = scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
  const unit = 2 ** Math.min(1023, Math.floor(Math.log2(largest)));
  return largest === 0 ? scores : scores.map((score) => score / unit);
}

/** A document that the member refused counts as its lowest. */
function byDocument(
  { order }: Scored,
  scores: readonly number[],
  scale: (score: number) => number,
): ReadonlyMap<number, number> {
  const lowest = scores.at(-1) ?? 0;
  return new Map(order.map((index, rank) => [index, scale(scores[rank] ?? lowest)]));
}
