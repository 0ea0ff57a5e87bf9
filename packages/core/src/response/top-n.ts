/**
 * The ranking: positions best first, ties in input order, unknown scores (NaN) last; cut to `count` and to `minScore`.
 */
export function rankTopN(scores: Float64Array, count: number, minScore?: number): readonly number[] {
  const eligible: number[] = [];
  for (let position = 0; position < scores.length; position++)
    if (minScore === undefined || at(scores, position) >= minScore) eligible.push(position);
  if (count <= mostInserted && count < eligible.length) return bestOf(eligible, scores, count);
  return eligible.sort((a, b) => byScore(at(scores, a), at(scores, b)) || a - b).slice(0, count);
}

/** Places up to which the best are put in order as they are found; to sort all of them takes longer. */
const mostInserted = 50;

/** The best of these positions, which rise. */
function bestOf(positions: readonly number[], scores: Float64Array, count: number): readonly number[] {
  const best = positions.slice(0, count).sort((a, b) => byScore(at(scores, a), at(scores, b)) || a - b);
  for (let next = count; next < positions.length; next++) {
    const position = positions[next] ?? 0;
    const score = at(scores, position);
    let place = count;
    for (; place > 0; place--) {
      const other = best[place - 1] ?? 0;
      if (byScore(score, at(scores, other)) >= 0) break;
      if (place < count) best[place] = other;
    }
    if (place < count) best[place] = position;
  }
  return best;
}

function byScore(a: number, b: number): number {
  if (a > b) return -1;
  if (a < b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function at(scores: Float64Array, position: number): number {
  return scores[position] ?? Number.NaN;
}
