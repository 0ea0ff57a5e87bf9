/**
 * Kendall's τ-b of two lists of ranks: 1 where every pair of documents is in the same order, −1 where every pair is
 * turned round, near 0 where the orders have nothing to do with each other. Takes n log n steps, for 10,000 documents.
 * @param ones ranks; equal ones are ties, which count for neither order
 * @param others ranks of the same documents, in the same order
 * @returns undefined where a list has no two different ranks: it has no order that could be compared
 */
export function kendallTau(ones: readonly number[], others: readonly number[]): number | undefined {
  const ranked = ones.map((one, index) => [one, others[index] ?? 0] as const);
  ranked.sort(([one, other], [nextOne, nextOther]) => one - nextOne || other - nextOther);
  const pairs = pairsOf(ranked.length);
  const tiedInOne = tiedPairs(ranked.map(([one]) => String(one)));
  const tiedInOther = tiedPairs(ranked.map(([, other]) => String(other)));
  const tiedInBoth = tiedPairs(ranked.map(String));
  if (pairs === tiedInOne || pairs === tiedInOther) return undefined;
  // Pairs that are tied in the first list are sorted by the second, and so never turned round.
  const { inversions } = sortCounting(ranked.map(([, other]) => other));
  const agreeing = pairs - tiedInOne - tiedInOther + tiedInBoth - inversions;
  return (agreeing - inversions) / Math.sqrt((pairs - tiedInOne) * (pairs - tiedInOther));
}

function pairsOf(count: number): number {
  return (count * (count - 1)) / 2;
}

function tiedPairs(ranks: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const rank of ranks) counts.set(rank, (counts.get(rank) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + pairsOf(count), 0);
}

/** Sorts by merging, and counts the pairs of which the greater came first. */
function sortCounting(values: readonly number[]): { readonly sorted: readonly number[]; readonly inversions: number } {
  if (values.length < 2) return { sorted: values, inversions: 0 };
  const middle = values.length >> 1;
  const left = sortCounting(values.slice(0, middle));
  const right = sortCounting(values.slice(middle));
  const sorted: number[] = [];
  let inversions = left.inversions + right.inversions;
  let taken = 0;
  for (const value of right.sorted) {
    for (let next = left.sorted[taken]; next !== undefined && next <= value; next = left.sorted[++taken])
      sorted.push(next);
    inversions += left.sorted.length - taken;
    sorted.push(value);
  }
  return { sorted: [...sorted, ...left.sorted.slice(taken)], inversions };
}
