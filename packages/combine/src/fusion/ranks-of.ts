import type { MemberRanking } from "@dheera-ai/core";

/**
 * The rank of each document, the best being 1. Documents of one level share the mean of their ranks, so that the order in
 * which they came does not count. What the member refused has no rank.
 */
export function ranksOf({ order, levels }: Pick<MemberRanking, "order" | "levels">): ReadonlyMap<number, number> {
  const ranks = new Map<number, number>();
  for (let first = 0; first < order.length;) {
    const level = levels[first] ?? Number.NaN;
    let end = first + 1;
    while (levels[end] === level) end++;
    // Of the ranks first + 1 … end.
    if (!Number.isNaN(level)) for (const index of order.slice(first, end)) ranks.set(index, (first + 1 + end) / 2);
    first = end;
  }
  return ranks;
}
