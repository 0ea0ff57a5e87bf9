/** The ranking: positions best first, ties in input order, unknown scores (NaN) last; cut to `topN` and to `minScore`. */
export function merge(scores: Float64Array, topN: number, minScore?: number): readonly number[] {
  const eligible: number[] = [];
  for (let position = 0; position < scores.length; position++)
    if (minScore === undefined || at(scores, position) >= minScore) eligible.push(position);
  return eligible.sort((a, b) => byScore(at(scores, a), at(scores, b)) || a - b).slice(0, topN);
}

/** Scores that clients can read: what the model refused has the lowest score of all, behind which it is ranked. */
export function withoutUnknown(scores: Float64Array): Float64Array {
  if (!scores.includes(Number.NaN)) return scores;
  const lowest = scores.reduce((least, score) => (score < least ? score : least), Infinity);
  return scores.map((score) => (Number.isNaN(score) ? lowest : score));
}

function byScore(a: number, b: number): number {
  if (a > b) return -1;
  if (a < b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function at(scores: Float64Array, position: number): number {
  return scores[position] ?? Number.NaN;
}
