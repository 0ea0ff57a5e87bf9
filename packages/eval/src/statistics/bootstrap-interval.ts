import type { Interval } from "../report/eval-report.ts";
import { randomNumbers } from "./random-numbers.ts";

/** How intervals are drawn. */
export interface ResamplingOptions {
  /** Equal seeds give equal results; default 1. */
  readonly seed?: number | undefined;
  /** How often the queries are drawn anew; default 10,000. */
  readonly resamples?: number | undefined;
}

/**
 * The interval in which 95 % of the means lie when as many queries are drawn from these with replacement, again and again
 * (the bootstrap's percentiles, as SciPy interpolates them). `[0, 0]` without values.
 * @param values of one measure, one for each query
 */
export function bootstrapInterval(
  values: readonly number[],
  { seed = 1, resamples = 10_000 }: ResamplingOptions = {},
): Interval {
  const count = values.length;
  if (count === 0) return [0, 0];
  const drawn = Float64Array.from(values);
  const random = randomNumbers(seed);
  const share = count / 2 ** 32;
  const means = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += drawn[Math.floor(random() * share)] ?? 0;
    means[round] = sum / count;
  }
  means.sort();
  return [percentile(means, 0.025), percentile(means, 0.975)];
}

/** Between two neighbours in proportion. */
function percentile(sorted: Float64Array, part: number): number {
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? 0;
  return low + ((sorted[below + 1] ?? low) - low) * (place - below);
}
