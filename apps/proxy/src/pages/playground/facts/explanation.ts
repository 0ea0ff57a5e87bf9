import * as v from "valibot";

/** `meta.explain` as the page reads it. */
export const explanation = v.object({
  queue_ms: v.number(),
  upstream_ms: v.number(),
  calls: v.array(
    v.object({
      deployment: v.string(),
      model: v.string(),
      documents: v.array(v.number()),
      attempt: v.number(),
      hedge: v.optional(v.boolean()),
      queue_ms: v.number(),
      duration_ms: v.number(),
      error: v.optional(v.string()),
    }),
  ),
  sources: v.array(v.string()),
});

export type Explanation = v.InferOutput<typeof explanation>;

/** Consecutive numbers as ranges, counted from 1: `1–32, 40`. */
export function rangesOf(indices: readonly number[]): string {
  const sorted = [...indices].sort((a, b) => a - b);
  const ranges: { first: number; last: number }[] = [];
  for (const index of sorted) {
    const range = ranges.at(-1);
    if (range && index === range.last + 1) range.last = index;
    else ranges.push({ first: index, last: index });
  }
  const shown = ranges
    .slice(0, mostRanges)
    .map(({ first, last }) => (first === last ? `${first + 1}` : `${first + 1}–${last + 1}`));
  return [...shown, ...(ranges.length > mostRanges ? ["…"] : [])].join(", ");
}

const mostRanges = 6;

/** `3 computed, 1 cached`. */
export function countSources(sources: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const source of sources) counts.set(source, (counts.get(source) ?? 0) + 1);
  return [...counts].map(([source, count]) => `${count.toLocaleString("en")} ${source}`).join(", ");
}
