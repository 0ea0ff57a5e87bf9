import type { Loaded } from "./load-grants.ts";

/** What was read lately, by what was asked for, and forgotten again by what it was read from. Of bounded size: the longest unused goes. */
export class Memory<Value> {
  readonly #most: number;
  readonly #entries = new Map<string, Loaded<Value>>();
  /** What was asked for, by what it was read from. */
  readonly #readers = new Map<string, Set<string>>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(asked: string): Value | undefined {
    const entry = this.#entries.get(asked);
    // Far from full nothing is dropped soon, and the order is of no interest.
    if (entry !== undefined && this.#entries.size > this.#most / 2) {
      this.#entries.delete(asked);
      this.#entries.set(asked, entry);
    }
    return entry?.value;
  }

  set(asked: string, entry: Loaded<Value>): void {
    this.#drop(asked);
    this.#entries.set(asked, entry);
    for (const name of entry.from) {
      const readers = this.#readers.get(name) ?? new Set();
      this.#readers.set(name, readers.add(asked));
    }
    if (this.#entries.size <= this.#most) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }

  /** @param from `team|research` */
  forget(from: string): void {
    for (const asked of this.#readers.get(from) ?? []) this.#drop(asked);
  }

  clear(): void {
    this.#entries.clear();
    this.#readers.clear();
  }

  #drop(asked: string): void {
    const entry = this.#entries.get(asked);
    if (entry === undefined) return;
    this.#entries.delete(asked);
    for (const name of entry.from) {
      const readers = this.#readers.get(name);
      readers?.delete(asked);
      if (readers?.size === 0) this.#readers.delete(name);
    }
  }
}
