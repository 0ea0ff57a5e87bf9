/**
 * The ranking: positions best first, ties in input order, unknown scores (NaN) last; cut to `count` and to `minScore`.
 */
export function rankTopN(scores: Float64Array, count: number, minScore?: number): readonly number[] {
  const eligible: number[] = [];
  for (let position = 0; position < scores.length; position++)
    if (minScore === undefined || at(scores, position) >= minScore) eligible.push(position);
  return eligible.sort((a, b) => byScore(at(scores, a), at(scores, b)) || a - b).slice(0, count);
}

function byScore(a: number, b: number): number {
  if (a > b) return -1;
  if (a < b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function at(scores: Float64Array, position: number): number {
  return scores[position] ?? Number.NaN;
}
