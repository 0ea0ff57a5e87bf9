import type { Outcome, Work } from "../dispatch/dispatch.ts";
import type { ScoreKind } from "../contract.ts";
import type { Recalled } from "./reuse-scores.ts";
import type { CacheLookup } from "./score-cache.ts";
import type { Taken } from "./in-flight.ts";

/** Scores of one request as they come in: from the cache, from our own calls, from others' work. */
export class Gathered {
  readonly #scores: Float64Array;
  /** Positions settled without a score: the model refused them. */
  readonly #refused = new Set<number>();
  readonly #computed = new Set<number>();
  readonly #truncated = new Set<number>();
  readonly #warnings = new Set<string>();
  #repeated: ReadonlyMap<number, number> = new Map();
  #scoreKind: ScoreKind;
  #tokens: number | undefined;
  #searchUnits: number | undefined;

  constructor({ pool }: Work, lookup: CacheLookup, scoreKind: ScoreKind) {
    this.#scores = lookup.scores.slice();
    this.#scoreKind = scoreKind;
    if (pool.profile.billing === "per-search") this.#searchUnits = 0;
  }

  get scoreKind(): ScoreKind {
    return this.#scoreKind;
  }

  missing(): readonly number[] {
    const missing: number[] = [];
    for (let position = 0; position < this.#scores.length; position++)
      if (Number.isNaN(this.#scores[position]) && !this.#refused.has(position) && !this.#repeated.has(position))
        missing.push(position);
    return missing;
  }

  /** These positions get what the other ones will get. */
  repeat(repeated: ReadonlyMap<number, number>): void {
    this.#repeated = repeated;
  }

  /** Our own work on these positions ended. */
  computed(positions: readonly number[], outcome: Outcome): void {
    positions.forEach((position, index) => {
      this.#scores[position] = outcome.scores[index] ?? Number.NaN;
      this.#computed.add(position);
    });
    for (const index of outcome.refused) this.#refused.add(positions[index] ?? index);
    for (const index of outcome.truncated) this.#truncated.add(positions[index] ?? index);
    for (const warning of outcome.warnings) this.#warnings.add(warning);
    this.#scoreKind = outcome.scoreKind;
    if (outcome.tokens !== undefined) this.#tokens = (this.#tokens ?? 0) + outcome.tokens;
    if (outcome.searchUnits !== undefined) this.#searchUnits = (this.#searchUnits ?? 0) + outcome.searchUnits;
  }

  /** Another request's work brought these; what it was refused stays missing, and is ours to find out. */
  shared(pairs: readonly Taken[], outcome: Outcome): void {
    const truncated = new Set(outcome.truncated);
    for (const { position, theirs } of pairs) {
      this.#scores[position] = outcome.scores[theirs] ?? Number.NaN;
      if (truncated.has(theirs)) this.#truncated.add(position);
    }
    this.#scoreKind = outcome.scoreKind;
  }

  recalled(): Recalled {
    for (const [position, first] of this.#repeated) {
      this.#scores[position] = this.#scores[first] ?? Number.NaN;
      if (this.#refused.has(first)) this.#refused.add(position);
      if (this.#truncated.has(first)) this.#truncated.add(position);
    }
    return {
      scores: this.#scores,
      scoreKind: this.#scoreKind,
      warnings: [...this.#warnings],
      truncated: [...this.#truncated],
      refused: [...this.#refused],
      originOf: (position) => {
        if (this.#computed.has(position)) return "computed";
        return this.#repeated.has(position) ? "repeated" : "known";
      },
      tokens: this.#tokens,
      searchUnits: this.#searchUnits,
    };
  }
}
