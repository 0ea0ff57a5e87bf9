import type { Usage } from "../contract.ts";

/**
 * What two calls used together; undefined is no call yet, `{}` one that named nothing. A figure that only one of them names
 * is that one's, but for the cost: where one of two costs is not known, their sum is not known either.
 */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (!one || !other) return one ?? other;
  const sum: { -readonly [Figure in keyof Usage]: Usage[Figure] } = {};
  for (const figure of units) {
    if (one[figure] === undefined && other[figure] === undefined) continue;
    sum[figure] = (one[figure] ?? 0) + (other[figure] ?? 0);
  }
  if (one.cost !== undefined && other.cost !== undefined) sum.cost = one.cost + other.cost;
  return sum;
}

const units = ["inputTokens", "outputTokens", "searchUnits"] as const satisfies readonly (keyof Usage)[];
