import type { Bucket } from "../state/span.ts";

/** What was served. */
export interface Figures {
  /** US dollars; without answers whose costs are not known. */
  readonly spend: number;
  readonly requests: number;
  readonly errors: number;
  /** US dollars that answers from the cache would have cost. */
  readonly saved: number;
  /** Answers whose costs are not known. */
  readonly unknown: number;
}

export const nothing: Figures = { spend: 0, requests: 0, errors: 0, saved: 0, unknown: 0 };

export function plus(one: Figures, other: Figures): Figures {
  return {
    spend: one.spend + other.spend,
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    saved: one.saved + other.saved,
    unknown: one.unknown + other.unknown,
  };
}

export function sumOf(all: readonly Figures[]): Figures {
  return all.reduce(plus, nothing);
}

/** The figures of each bar; zeros where nothing was served. */
export function sumBuckets(
  buckets: readonly Bucket[],
  days: readonly (Figures & { readonly day: string })[],
): readonly Figures[] {
  return buckets.map(({ from, to }) => sumOf(days.filter(({ day }) => day >= from && day <= to)));
}
