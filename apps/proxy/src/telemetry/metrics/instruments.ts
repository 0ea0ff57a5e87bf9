import { type Aggregator, Gauge, Registry } from "prom-client";

import { TalliedCounter } from "./tallied-counter.ts";
import { TalliedHistogram } from "./tallied-histogram.ts";

/** Makes metrics, all with the prefix `dheera_ai_`, and holds them. */
export class Instruments {
  readonly registry: Registry = new Registry();

  /** @param name Without the prefix; gets the suffix `_total`, as counters of Prometheus clients in other languages do. */
  counter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    collect?: () => void,
  ): TalliedCounter<Label> {
    return new TalliedCounter({
      name: `${prefix}${name}_total`,
      help,
      labelNames,
      registers: [this.registry],
      ...(collect && { collect }),
    });
  }

  histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): TalliedHistogram<Label> {
    return new TalliedHistogram({ name: prefix + name, help, labelNames, buckets, registers: [this.registry] });
  }

  /** @param aggregator How the values of several workers become one; default sum. */
  gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    { collect, aggregator = "sum" }: { readonly collect?: () => void; readonly aggregator?: Aggregator } = {},
  ): Gauge<Label> {
    return new Gauge({
      name: prefix + name,
      help,
      labelNames,
      aggregator,
      registers: [this.registry],
      ...(collect && { collect }),
    });
  }
}

const prefix = "dheera_ai_";
