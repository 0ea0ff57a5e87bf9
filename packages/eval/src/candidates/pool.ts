/** Which documents are pooled for judging. */
export interface PoolOptions {
  /** How many of each ranking, from the top; default 10. */
  readonly depth?: number | undefined;
  /** How many in all; default no limit. */
  readonly most?: number | undefined;
}

/**
 * What is worth judging: the best documents of several rankings, each once. In turns, first the best of each ranking, then
 * the second, so that whoever stops early has judged as much of every ranking.
 * @param rankings ids, best first
 */
export function pool(
  rankings: readonly (readonly string[])[],
  { depth = 10, most = Infinity }: PoolOptions = {},
): readonly string[] {
  const pooled = new Set<string>();
  for (let rank = 0; rank < depth && pooled.size < most; rank++) {
    const atRank = rankings.flatMap((ranking) => ranking[rank] ?? []);
    if (atRank.length === 0) break;
    for (const id of atRank) if (pooled.size < most) pooled.add(id);
  }
  return [...pooled];
}
