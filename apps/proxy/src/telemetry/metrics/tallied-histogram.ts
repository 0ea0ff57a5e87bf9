import { Histogram, type HistogramConfiguration } from "prom-client";

import type { Labels } from "./tallied-counter.ts";

/** One distribution of a histogram. */
export interface Distribution {
  observe(value: number): void;
}

/** A histogram whose distributions are kept by whoever observes, for the same reason as `TalliedCounter`. */
export class TalliedHistogram<Label extends string> extends Histogram {
  readonly #name: string;
  /** Knows all but the values. */
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

  /** The distribution of these labels. Slow: keep it where it is used often. */
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

  /** What the registry calls instead of `get` when it makes text. */
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
  /** One more than bounds: the last holds what is beyond them all. */
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

  /** For each bound how many values are not above it. */
  cumulative(): readonly (readonly [le: number | string, count: number])[] {
    let count = 0;
    return [...this.#bounds, "+Inf"].map((le, bucket) => [le, (count += this.#counts[bucket] ?? 0)]);
  }
}
