import type { ComparedMetric } from "../report/eval-report.ts";
import { bootstrapInterval, type ResamplingOptions } from "./bootstrap-interval.ts";
import { randomizationTest } from "./randomization-test.ts";

/**
 * A model beside the baseline, by the differences of each query.
 * @param values of the model
 * @param baseline of the same queries in the same order
 * @throws RangeError where one has more values than the other
 */
export function comparePaired(
  values: readonly number[],
  baseline: readonly number[],
  options: ResamplingOptions = {},
): ComparedMetric {
  if (values.length !== baseline.length)
    throw new RangeError(`${values.length} values cannot be compared with ${baseline.length} of the baseline`);
  const differences = values.map((value, index) => rounded(value - (baseline[index] ?? 0)));
  return {
    difference: differences.reduce((sum, difference) => sum + difference, 0) / Math.max(1, differences.length),
    interval: bootstrapInterval(differences, options),
    p_value: randomizationTest(differences, options),
    wins: differences.filter((difference) => difference > 0).length,
    losses: differences.filter((difference) => difference < 0).length,
    ties: differences.filter((difference) => difference === 0).length,
  };
}

/** Measures are sums of fractions: what differs less than this is equal, but was added up in another order. */
function rounded(difference: number): number {
  return Math.abs(difference) < 1e-12 ? 0 : difference;
}
