import { type Collected, type NewCollection, orderBlindly, pool } from "@dheera-ai/eval";

import type { Searched } from "./search-candidates.ts";

interface PoolingOptions {
  readonly depth: number;
  readonly seed: number;
}

export interface Pooled {
  /** Queries with something to judge. */
  readonly pooled: NewCollection["queries"];
  readonly warnings: readonly string[];
}

/**
 * What is worth judging: the best of BM25, of the logged order and of each model, each document once, in an order that
 * says nothing of them.
 * @param ranked what models made of the queries; absent where none was asked
 */
export function poolCandidates(
  { collection, rankings }: Searched,
  ranked: Collected | undefined,
  { depth, seed }: PoolingOptions,
): Pooled {
  const attempts = new Map(ranked?.answered.map(({ query, attempts: made }) => [query.id, made]));
  const pooled = collection.queries.flatMap(({ id, text, candidates = [] }) => {
    const ofModels = (attempts.get(id) ?? []).map((attempt) =>
      "order" in attempt ? attempt.order.flatMap((position) => candidates[position] ?? []) : [],
    );
    const best = pool([...(rankings.get(id) ?? []), ...ofModels], { depth });
    return best.length === 0 ? [] : [{ id, text, documents: orderBlindly(id, best, seed) }];
  });
  const without = collection.queries.length - pooled.length;
  return {
    pooled,
    warnings: [
      ...(ranked === undefined ? [] : [...ranked.warnings, ...failuresOf(ranked)]),
      ...(without === 0 ? [] : [`${without} of the queries are left out: no document has a word of theirs`]),
    ],
  };
}

function failuresOf({ models, answered }: Collected): readonly string[] {
  return models.flatMap(({ name }, at) => {
    const errors = answered.flatMap(({ attempts }) => {
      const attempt = attempts[at];
      return attempt && "error" in attempt ? [attempt.error] : [];
    });
    return errors.length === 0 ? [] : [`${name} failed for ${errors.length} of the queries: ${errors[0]}`];
  });
}
