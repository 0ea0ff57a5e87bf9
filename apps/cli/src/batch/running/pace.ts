/** How fast something goes: over the last half minute, so that it follows what changes and does not jump. */
export class Pace {
  readonly #samples: { readonly at: number; readonly done: number }[] = [];

  /**
   * @param done so far
   * @param at milliseconds of a clock that never goes back
   */
  add(done: number, at: number): void {
    this.#samples.push({ at, done });
    while ((this.#samples[1]?.at ?? Infinity) <= at - windowMs) this.#samples.shift();
  }

  /** A second; undefined where nothing was done, or no time has passed. */
  get perSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < leastMs || last.done <= first.done) return undefined;
    return ((last.done - first.done) / (last.at - first.at)) * 1_000;
  }
}

const windowMs = 30_000;
const leastMs = 500;
