import { type Aggregator, Gauge, Registry } from "prom-client";

import { type MetricName, metricNames, prefix } from "./metric-names.ts";
import { TalliedCounter } from "./tallied-counter.ts";
import { TalliedHistogram } from "./tallied-histogram.ts";

/** Makes metrics, all with the prefix `dheera_ai_`, and holds them in a registry. */
export class Instruments {
  readonly registry: Registry = new Registry();

  /**
   * @param name Without the prefix; gets the suffix `_total`, as counters of Prometheus clients in other languages do.
   */
  counter<Label extends string>(
    name: MetricName,
    labelNames: readonly Label[],
    collect?: () => void,
  ): TalliedCounter<Label> {
    return new TalliedCounter({
      name: `${prefix}${name}_total`,
      help: metricNames[name],
      labelNames,
      registers: [this.registry],
      ...(collect && { collect }),
    });
  }

  histogram<Label extends string>(
    name: MetricName,
    labelNames: readonly Label[],
    buckets: number[],
  ): TalliedHistogram<Label> {
    return new TalliedHistogram({
      name: prefix + name,
      help: metricNames[name],
      labelNames,
      buckets,
      registers: [this.registry],
    });
  }

  /** @param aggregator How the values of several workers become one; default sum. */
  gauge<Label extends string>(
    name: MetricName,
    labelNames: readonly Label[],
    {
      collect,
      aggregator = "sum",
    }: { readonly collect?: () => void | Promise<void>; readonly aggregator?: Aggregator } = {},
  ): Gauge<Label> {
    return new Gauge({
      name: prefix + name,
      help: metricNames[name],
      labelNames,
      aggregator,
      registers: [this.registry],
      ...(collect && { collect }),
    });
  }
}

/** Seconds of a rerank request or call: 1 ms to 30 s, in small steps between 5 and 500 ms, where rerankers are. */
export const latencyBuckets: number[] = [
  0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5,
  5, 10, 30,
];

/** Seconds that the proxy itself takes: usually well below a millisecond. */
export const overheadBuckets: number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
];

/** Parts of a whole, in tenths. */
export const shareBuckets: number[] = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Correlations, in fifths. */
export const correlationBuckets: number[] = [-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1];

/** Seconds of waiting for a slot at a deployment. */
export const queueBuckets: number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
