/** In which order the lines of a shard are asked: from the first to the last, and behind them those that are asked again. */
export class LineOrder {
  readonly #count: number;
  readonly #isEnded: (line: number) => boolean;
  /** Lines that were asked and are asked again. */
  readonly #again: number[] = [];
  /** Lines that were asked before their turn. */
  readonly #early = new Set<number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #next = 0;

  constructor(count: number, isEnded: (line: number) => boolean) {
    this.#count = count;
    this.#isEnded = isEnded;
  }

  /** About how many can be asked. */
  get ready(): number {
    return this.#count - this.#next + this.#again.length;
  }

  /** Whether a line was never asked. */
  get hasFresh(): boolean {
    while (this.#next < this.#count && (this.#isEnded(this.#next) || this.#early.has(this.#next))) this.#next++;
    return this.#next < this.#count;
  }

  take(): number | undefined {
    // What has failed comes last, one after the other: a line that fails always must not be all that is tried.
    return this.hasFresh ? this.#next++ : this.#again.shift();
  }

  takeEarly(line: number): void {
    this.#early.add(line);
  }

  again(line: number): void {
    this.#again.push(line);
  }

  againAfter(line: number, milliseconds: number, ready: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.again(line);
      ready();
    }, milliseconds);
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
