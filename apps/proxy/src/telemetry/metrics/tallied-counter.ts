import { Counter } from "prom-client";

/** The number of one label set of a counter. It only grows. */
export interface Tally {
  value: number;
}

export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/**
 * A counter that hands out its tallies, so that adding is one addition. prom-client's own counter makes and checks a
 * text of all labels each time, which takes longer than all the rest of a request's telemetry (bench/telemetry.ts).
 */
export class TalliedCounter<Label extends string> extends Counter<Label> {
  readonly #tallies = new Map<string, { readonly labels: Labels<Label>; readonly tally: Tally }>();

  /** The tally of these labels. Slow: callers that use it often keep it. */
  tally(labels: Labels<Label>): Tally {
    const key = JSON.stringify(labels);
    const known = this.#tallies.get(key);
    if (known) return known.tally;
    const tally = { value: 0 };
    this.#tallies.set(key, { labels, tally });
    return tally;
  }

  override async get(): ReturnType<Counter<Label>["get"]> {
    const values = [...this.#tallies.values()].map(({ labels, tally }) => ({ labels, value: tally.value }));
    return { ...(await super.get()), values };
  }
}
