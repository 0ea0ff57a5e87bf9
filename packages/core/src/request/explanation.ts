import type { ErrorCode } from "../errors.ts";

/** How a ranking came about. */
export interface RerankExplanation {
  /** Milliseconds during which no call ran but a batch waited for a place or a retry. */
  readonly queue_ms: number;
  /** Milliseconds during which at least one call ran. */
  readonly upstream_ms: number;
  /** Every call of this request, failed ones included, in the order in which they began. */
  readonly calls: readonly ExplainedCall[];
  /** For each document, in the order of the request: where its score came from. Empty where nothing was ranked. */
  readonly sources: readonly ScoreSource[];
}

/** One call to an upstream: a batch of documents, or of their chunks. */
export interface ExplainedCall {
  /** The id of the deployment. */
  readonly deployment: string;
  /** The model name it serves. */
  readonly model: string;
  /** Positions in the request's `documents`. */
  readonly documents: readonly number[];
  /** 0 for the first try of a batch. */
  readonly attempt: number;
  /** The call was a copy of a slow one. */
  readonly hedge?: true;
  /** Milliseconds the batch waited for a place. */
  readonly queue_ms: number;
  readonly duration_ms: number;
  /** Why it brought no scores; `cancelled` for the slower of a call and its copy. */
  readonly error?: ErrorCode;
}

/**
 * `computed` for this request. `cached`: known before, or computed by another request at the same time. `repeated`: an
 * equal document of this request has it. `refused`: the model refused the document.
 */
export type ScoreSource = "computed" | "cached" | "repeated" | "refused";
