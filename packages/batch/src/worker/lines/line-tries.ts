import type { LinePatience } from "../work-options.ts";

interface Tries {
  /** Refusals while others were served. */
  readonly count: number;
  /** All refusals, which the wait grows with. */
  readonly refusals: number;
  /** Of the first refusal that counts, by `performance.now()`. */
  readonly since: number | undefined;
  /** Lines of its model that had been served when it was last asked. */
  readonly served: number;
}

const longestWait = 60_000;

/**
 * What lines of a shard were refused, by number. A refusal counts where others of the same model were served since the line was asked:
 * then it is the line that is refused, and not everybody.
 */
export class LineTries {
  readonly #patience: LinePatience;
  readonly #tries = new Map<number, Tries>();

  constructor(patience: Partial<LinePatience> = {}) {
    this.#patience = { tries: 8, firstWait: 500, longest: 1_800_000, ...patience };
  }

  /** Before its first answer. */
  asked(line: number, served: number): void {
    const known = this.#tries.get(line);
    if (!known) this.#tries.set(line, { count: 0, refusals: 0, since: undefined, served });
  }

  /** Whether others were served since it was asked for the first time, or refused the last time. */
  areOthersServed(line: number, served: number): boolean {
    return served > (this.#tries.get(line)?.served ?? served);
  }

  /** @returns milliseconds until it is asked again; undefined where this was the last time */
  refused(line: number, served: number, areOthersServed: boolean): number | undefined {
    const { tries, firstWait, longest } = this.#patience;
    const before = this.#tries.get(line);
    const now = performance.now();
    const refusals = (before?.refusals ?? 0) + 1;
    const count = (before?.count ?? 0) + (areOthersServed ? 1 : 0);
    const since = before?.since ?? (areOthersServed ? now : undefined);
    if (areOthersServed && (count >= tries || now - (since ?? now) > longest)) {
      this.#tries.delete(line);
      return undefined;
    }
    this.#tries.set(line, { count, refusals, since, served });
    return Math.min(longestWait, firstWait * 2 ** (refusals - 1)) * (0.5 + Math.random());
  }

  ended(line: number): void {
    this.#tries.delete(line);
  }
}
