/** The ranking: positions best first, ties in input order, unknown scores (NaN) last; cut to `topN` and to `minScore`. */
export function merge(scores: Float64Array, topN: number, minScore?: number): readonly number[] {
  const positions = Array.from(scores.keys());
  const eligible = minScore === undefined ? positions : positions.filter((position) => at(scores, position) >= minScore);
  return eligible.sort((a, b) => byScore(at(scores, a), at(scores, b)) || a - b).slice(0, topN);
}

function byScore(a: number, b: number): number {
  if (a > b) return -1;
  if (a < b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function at(scores: Float64Array, position: number): number {
  return scores[position] ?? Number.NaN;
}
