/** Durations kept. */
const sampleCount = 128;

/** Quantiles of the last 128 call durations, in milliseconds. */
export class Latency {
  readonly #durations = new Float64Array(sampleCount);
  #count = 0;
  #average = 0;

  get count(): number {
    return this.#count;
  }

  /** Exponential moving average; 0 before the first call. */
  get average(): number {
    return this.#average;
  }

  add(milliseconds: number): void {
    this.#durations[this.#count % sampleCount] = milliseconds;
    this.#average = this.#count === 0 ? milliseconds : this.#average * 0.9 + milliseconds * 0.1;
    this.#count++;
  }

  /** @param share 0 to 1: 0.95 is the duration that 95 of 100 calls stay below. */
  quantile(share: number): number {
    const sorted = this.#durations.slice(0, Math.min(this.#count, sampleCount)).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }
}
