import type { CallResult } from "./call-once.ts";
import type { Outcome, Work } from "./dispatch.ts";
import type { ScoreKind } from "../contract.ts";
import type { Batch } from "../plan/plan.ts";

/** What the calls of one piece of work have brought so far. */
export class OutcomeBuilder {
  readonly #work: Work;
  #scores: Float64Array | undefined;
  readonly #warnings: string[] = [];
  readonly #truncated: number[] = [];
  readonly #refused: number[] = [];
  #tokens: number | undefined;
  #scoreKind: ScoreKind;
  #searchUnits = 0;

  constructor(work: Work) {
    this.#work = work;
    this.#scoreKind = work.pool.profile.scoreKind;
  }

  keep(batch: Batch, { scores, result }: CallResult): void {
    // One batch of everything is in order.
    if (batch.length === this.#work.texts.length) this.#scores = scores;
    else this.#place(batch, scores);
    this.#scoreKind = result.scoreKind ?? this.#scoreKind;
    this.#searchUnits += Math.ceil(batch.length / 100);
    const tokens = result.usage?.inputTokens;
    if (tokens !== undefined) this.#tokens = (this.#tokens ?? 0) + tokens;
    for (const warning of result.warnings ?? []) this.warn(warning);
    for (const index of result.truncated ?? []) this.#truncated.push(batch[index] ?? index);
  }

  warn(warning: string): void {
    if (!this.#warnings.includes(warning)) this.#warnings.push(warning);
  }

  #place(batch: Batch, scores: Float64Array): void {
    const all = (this.#scores ??= noScores(this.#work));
    batch.forEach((position, index) => {
      all[position] = scores[index] ?? Number.NaN;
    });
  }

  /** @returns how many texts were refused so far. */
  refuse(position: number): number {
    return this.#refused.push(position);
  }

  outcome(): Outcome {
    return {
      scores: this.#scores ?? noScores(this.#work),
      scoreKind: this.#scoreKind,
      warnings: this.#warnings,
      truncated: this.#truncated,
      refused: this.#refused,
      tokens: this.#tokens,
      searchUnits: this.#work.pool.profile.billing === "per-search" ? this.#searchUnits : undefined,
    };
  }
}

function noScores({ texts }: Work): Float64Array {
  return new Float64Array(texts.length).fill(Number.NaN);
}
