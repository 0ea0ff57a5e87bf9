import type { ResamplingOptions } from "./bootstrap-interval.ts";
import { randomNumbers } from "./random-numbers.ts";

/**
 * How probable a mean difference at least as far from 0 is when model and baseline could change places in each query
 * (Fisher's paired randomization test, two-sided; Smucker et al. 2007 found it the right one for search). Exact for up to 13
 * queries that differ, beyond from random changes, where it is never below 1 / (resamples + 1). 1 where nothing differs.
 */
export function randomizationTest(
  differences: readonly number[],
  { seed = 1, resamples = 10_000 }: ResamplingOptions = {},
): number {
  const sizes = Float64Array.from(differences.filter((difference) => difference !== 0));
  if (sizes.length === 0) return 1;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const scale = sizes.reduce((sum, size) => sum + Math.abs(size), 0);
  // Sums of the same numbers in another order differ a little.
  const limit = Math.abs(total) - scale * 1e-12;
  return sizes.length <= mostExact ? exactShare(sizes, total, limit) : randomShare(sizes, limit, { seed, resamples });
}

/** 2¹³ ways to change places are fewer than the resamples. */
const mostExact = 13;

function exactShare(sizes: Float64Array, total: number, limit: number): number {
  const ways = 2 ** sizes.length;
  let reached = 0;
  for (let way = 0; way < ways; way++) {
    let sum = total;
    for (let index = 0; index < sizes.length; index++) if (way & (1 << index)) sum -= 2 * (sizes[index] ?? 0);
    if (Math.abs(sum) >= limit) reached++;
  }
  return reached / ways;
}

function randomShare(sizes: Float64Array, limit: number, { seed, resamples }: Resampling): number {
  const random = randomNumbers(seed);
  let reached = 0;
  for (let round = 0; round < resamples; round++) {
    let sum = 0;
    let bits = 0;
    for (let index = 0; index < sizes.length; index++) {
      bits = index % 32 === 0 ? random() : bits >>> 1;
      sum += bits & 1 ? (sizes[index] ?? 0) : -(sizes[index] ?? 0);
    }
    if (Math.abs(sum) >= limit) reached++;
  }
  // What was observed is one of the ways, too.
  return (reached + 1) / (resamples + 1);
}

interface Resampling {
  readonly seed: number;
  readonly resamples: number;
}
