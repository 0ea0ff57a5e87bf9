import { Histogram, type HistogramConfiguration } from "prom-client";

import type { Labels } from "./tallied-counter.ts";

/** The distribution of one label set of a histogram. */
export interface Distribution {
  observe(value: number): void;
}

/** A histogram that hands out its distributions, for the same reason as `TalliedCounter`. */
export class TalliedHistogram<Label extends string> extends Histogram {
  readonly #name: string;
  /** Has the name, the help text and the labels, but no values. */
  readonly #empty: Histogram;
  readonly #bounds: readonly number[];
  readonly #distributions = new Map<string, { readonly labels: Labels<Label>; readonly counts: BucketCounts }>();

  constructor(
    configuration: HistogramConfiguration<string> & {
      readonly labelNames: readonly Label[];
      readonly buckets: number[];
    },
  ) {
    super(configuration);
    this.#name = configuration.name;
    this.#empty = new Histogram({ ...configuration, registers: [] });
    this.#bounds = configuration.buckets;
  }

  /** The distribution of these labels. Slow: callers that use it often keep it. */
  distribution(labels: Labels<Label>): Distribution {
    const key = JSON.stringify(labels);
    const known = this.#distributions.get(key);
    if (known) return known.counts;
    const counts = new BucketCounts(this.#bounds);
    this.#distributions.set(key, { labels, counts });
    return counts;
  }

  override async get(): ReturnType<Histogram["get"]> {
    const values = [...this.#distributions.values()].flatMap(({ labels, counts }) => this.#valuesOf(labels, counts));
    return { ...(await this.#empty.get()), values };
  }

  /** The registry calls this instead of `get` when it makes text. */
  getForPromString(): ReturnType<Histogram["get"]> {
    return this.get();
  }

  #valuesOf(labels: Labels<Label>, counts: BucketCounts): Awaited<ReturnType<Histogram["get"]>>["values"] {
    const buckets = counts
      .cumulative()
      .map(([le, value]) => ({ metricName: `${this.#name}_bucket`, labels: { ...labels, le }, value }));
    const sum = { metricName: `${this.#name}_sum`, labels, value: counts.sum };
    return [...buckets, sum, { metricName: `${this.#name}_count`, labels, value: counts.count }];
  }
}

class BucketCounts implements Distribution {
  sum = 0;
  count = 0;
  readonly #bounds: readonly number[];
  /** One more than there are bounds: the last counts the values above all bounds. */
  readonly #counts: Float64Array;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.count++;
  }

  /** For each bound the number of values that are not above it. */
  cumulative(): readonly (readonly [le: number | string, count: number])[] {
    let count = 0;
    return [...this.#bounds, "+Inf"].map((le, bucket) => [le, (count += this.#counts[bucket] ?? 0)]);
  }
}
