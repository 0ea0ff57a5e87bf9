import type { ScoreKind, Usage } from "../contract.ts";
import type { DheeraError } from "../errors.ts";
import type { ScoreDetails } from "../provider/check-result.ts";
import { addUsage } from "../upstream/usage.ts";
import { type ScoreOutcome, origin } from "./score-task.ts";

/**
 * What some texts brought: a call's result, or the outcome of a task for some of the texts. Positions are those of the
 * part.
 */
export interface PartialOutcome {
  readonly scores: Float64Array;
  readonly scoreKind?: ScoreKind | undefined;
  readonly usage?: Usage | undefined;
  readonly warnings?: readonly string[] | undefined;
  readonly truncated?: readonly number[] | undefined;
  readonly details?: ReadonlyMap<number, ScoreDetails> | undefined;
  readonly refused?: readonly number[] | undefined;
  readonly refusal?: DheeraError | undefined;
  readonly keep?: boolean | undefined;
}

/** Collects scores as they come in, from calls, from a cache and from other requests' work, into one outcome. */
export class OutcomeBuilder {
  readonly #count: number;
  #scores: Float64Array | undefined;
  /** Absent while every score is this request's own. */
  #origins: Uint8Array | undefined;
  #duplicates: Duplicates | undefined;
  #scoreKind: ScoreKind;
  /** Absent before the first part that says its kind. */
  #kindOfParts: ScoreKind | undefined;
  #usage: Usage | undefined;
  #details: Map<number, ScoreDetails> | undefined;
  readonly #warnings: string[] = [];
  readonly #truncated: number[] = [];
  readonly #refused: number[] = [];
  #refusal: DheeraError | undefined;
  #keep = true;

  /** @param count Texts of the whole. */
  constructor(count: number, scoreKind: ScoreKind) {
    this.#count = count;
    this.#scoreKind = scoreKind;
  }

  get scoreKind(): ScoreKind {
    return this.#scoreKind;
  }

  /** Scores known before; NaN where unknown. */
  addKnown(scores: Float64Array): void {
    this.#scores = scores.slice();
    this.#origins = new Uint8Array(this.#count);
    for (let position = 0; position < this.#count; position++)
      if (!Number.isNaN(scores[position])) this.#origins[position] = origin.known;
  }

  /** Texts that get the score of an earlier equal one. */
  addDuplicates(duplicates: Duplicates): void {
    this.#duplicates = duplicates;
    this.#origins ??= new Uint8Array(this.#count);
    for (const position of duplicates.keys()) this.#origins[position] = origin.repeated;
  }

  /** What was computed for the texts at these positions. */
  add(positions: readonly number[], part: PartialOutcome): void {
    this.#place(positions, part.scores);
    if (this.#origins) for (const position of positions) this.#origins[position] = origin.computed;
    if (part.scoreKind) this.#scoreKind = this.#kindWith(part.scoreKind);
    if (part.usage) this.#usage = this.#usage ? addUsage(this.#usage, part.usage) : part.usage;
    if (part.details) this.#addDetails(positions, part.details);
    for (const warning of part.warnings ?? []) this.warn(warning);
    for (const index of part.truncated ?? []) this.#truncated.push(positions[index] ?? index);
    for (const index of part.refused ?? []) this.#refused.push(positions[index] ?? index);
    this.#refusal = part.refusal ?? this.#refusal;
    if (part.keep === false) this.#keep = false;
  }

  /** What another request computed. Texts that it was refused stay missing. */
  addShared(pairs: readonly SharedText[], outcome: ScoreOutcome): void {
    const scores = (this.#scores ??= unknownScores(this.#count));
    const origins = (this.#origins ??= new Uint8Array(this.#count));
    const truncated = new Set(outcome.truncated);
    for (const { position, theirs } of pairs) {
      const score = outcome.scores[theirs] ?? Number.NaN;
      if (Number.isNaN(score)) continue;
      scores[position] = score;
      origins[position] = origin.known;
      if (truncated.has(theirs)) this.#truncated.push(position);
    }
    this.#scoreKind = outcome.scoreKind;
  }

  /** The text at this position gets no score. @returns how many texts were refused so far. */
  refuse(position: number, refusal: DheeraError): number {
    this.#refusal = refusal;
    return this.#refused.push(position);
  }

  warn(warning: string): void {
    if (!this.#warnings.includes(warning)) this.#warnings.push(warning);
  }

  /** Positions that have neither a score nor a refusal nor an equal text that will get one. */
  missing(): readonly number[] {
    const missing: number[] = [];
    for (let position = 0; position < this.#count; position++) if (!this.#origins?.[position]) missing.push(position);
    return missing;
  }

  build(): ScoreOutcome {
    this.#scores ??= unknownScores(this.#count);
    if (this.#duplicates) this.#spread(this.#duplicates, this.#scores);
    return {
      scores: this.#scores,
      scoreKind: this.#scoreKind,
      usage: this.#usage,
      warnings: this.#warnings,
      details: this.#details,
      truncated: this.#truncated,
      refused: this.#refused,
      refusal: this.#refusal,
      origins: this.#origins,
      keep: this.#keep,
    };
  }

  #addDetails(positions: readonly number[], details: ReadonlyMap<number, ScoreDetails>): void {
    this.#details ??= new Map();
    for (const [index, said] of details) this.#details.set(positions[index] ?? index, said);
  }

  /** Scores of several kinds have none that is true of all. */
  #kindWith(kind: ScoreKind): ScoreKind {
    return (this.#kindOfParts = this.#kindOfParts === undefined || this.#kindOfParts === kind ? kind : "unknown");
  }

  #place(positions: readonly number[], scores: Float64Array): void {
    if (areAllInOrder(positions, this.#count)) {
      this.#scores = scores;
      return;
    }
    const all = (this.#scores ??= unknownScores(this.#count));
    for (let index = 0; index < positions.length; index++) all[positions[index] ?? index] = scores[index] ?? Number.NaN;
  }

  #spread(duplicates: Duplicates, scores: Float64Array): void {
    const refused = new Set(this.#refused);
    const truncated = new Set(this.#truncated);
    for (const [position, first] of duplicates) {
      scores[position] = scores[first] ?? Number.NaN;
      const said = this.#details?.get(first);
      if (said) this.#details?.set(position, said);
      if (refused.has(first)) this.#refused.push(position);
      if (truncated.has(first)) this.#truncated.push(position);
    }
  }
}

/** Positions of texts that stand at an earlier position already, and where. */
export type Duplicates = ReadonlyMap<number, number>;

/** A text that another request computes: its position among ours and among theirs. */
export interface SharedText {
  readonly position: number;
  readonly theirs: number;
}

function unknownScores(count: number): Float64Array {
  return new Float64Array(count).fill(Number.NaN);
}

/** Whether positions are those of all texts, each at its own place: then what belongs to them needs no copy. */
export function areAllInOrder(positions: readonly number[], texts: number): boolean {
  return positions.length === texts && positions.every((position, index) => position === index);
}
