import { createHash } from "node:crypto";

/**
 * As many of the queries as asked for, in their order. Which ones depends on their ids and the seed alone, not on the order of
 * the file, and a larger sample has those of a smaller one: a run can be made longer, and keeps what it has.
 */
export function sampleQueries<Query extends { readonly id: string }>(
  queries: readonly Query[],
  count: number,
  seed: number,
): readonly Query[] {
  if (count >= queries.length) return queries;
  const places = queries.map(({ id }) => createHash("sha256").update(`${seed} ${id}`).digest("hex"));
  const limit = [...places].sort().at(Math.max(0, count)) ?? "";
  return queries.filter((_, index) => (places[index] ?? "") < limit);
}
