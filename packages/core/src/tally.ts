import type { Attempted } from "./attempt.ts";
import type { Outcome, Work } from "./call.ts";
import type { ScoreKind } from "./contract.ts";
import type { Batch } from "./plan.ts";

/** What the calls of one piece of work have brought so far. */
export class Tally {
  readonly #work: Work;
  readonly #scores: Float64Array;
  readonly #warnings = new Set<string>();
  readonly #truncated: number[] = [];
  readonly #refused: number[] = [];
  #tokens: number | undefined;
  #scoreKind: ScoreKind;
  #searchUnits = 0;

  constructor(work: Work) {
    this.#work = work;
    this.#scores = new Float64Array(work.texts.length).fill(Number.NaN);
    this.#scoreKind = work.pool.profile.scoreKind;
  }

  keep(batch: Batch, { scores, result }: Attempted): void {
    batch.forEach((position, index) => {
      this.#scores[position] = scores[index] ?? Number.NaN;
    });
    this.#scoreKind = result.scoreKind ?? this.#scoreKind;
    this.#searchUnits += Math.ceil(batch.length / 100);
    if (result.tokens !== undefined) this.#tokens = (this.#tokens ?? 0) + result.tokens;
    for (const warning of result.warnings ?? []) this.#warnings.add(warning);
    for (const index of result.truncated ?? []) this.#truncated.push(batch[index] ?? index);
  }

  warn(warning: string): void {
    this.#warnings.add(warning);
  }

  /** @returns how many texts were refused so far. */
  refuse(position: number): number {
    return this.#refused.push(position);
  }

  outcome(): Outcome {
    return {
      scores: this.#scores,
      scoreKind: this.#scoreKind,
      warnings: [...this.#warnings],
      truncated: this.#truncated,
      refused: this.#refused,
      tokens: this.#tokens,
      ...(this.#work.pool.profile.billing === "per-search" && { searchUnits: this.#searchUnits }),
    };
  }
}
