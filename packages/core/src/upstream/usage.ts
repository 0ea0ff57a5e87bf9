import type { Usage } from "../contract.ts";

/** What two calls used together. A figure that only one of them names is that one's. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (!one || !other) return one ?? other;
  const sum: { -readonly [Figure in keyof Usage]: Usage[Figure] } = {};
  for (const figure of figures) {
    if (one[figure] === undefined && other[figure] === undefined) continue;
    sum[figure] = (one[figure] ?? 0) + (other[figure] ?? 0);
  }
  return sum;
}

const figures = ["inputTokens", "outputTokens", "searchUnits", "cost"] as const satisfies readonly (keyof Usage)[];
