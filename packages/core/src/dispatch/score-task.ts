import type { ScoreKind, ScoreParams, Usage } from "../contract.ts";
import type { Background } from "../deployment/admission.ts";
import type { DheeraError } from "../errors.ts";
import type { ScoreDetails } from "../provider/check-result.ts";
import type { Pool } from "../routing/pool.ts";
import type { RequestContext } from "./context.ts";

/** What one pool is to score. */
export interface ScoreTask {
  readonly pool: Pool;
  readonly query: string;
  readonly texts: readonly string[];
  /** Texts of the whole request, of which `texts` may be those that are left to compute. */
  readonly textsOfRequest: number;
  /** For each text the index of the caller's document; absent where text i belongs to document i. */
  readonly documentIndices?: Int32Array | undefined;
  /** Where the request is a part of another: which of that one's documents each of its documents is. */
  readonly part?: readonly number[] | undefined;
  /** Texts are chunks of documents, of which one may have several. */
  readonly isChunked: boolean;
  readonly params: ScoreParams;
  /** The request's options by provider. */
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /** `warn`: what the model refuses alone gets no score instead of failing the rest. */
  /** Its answers say more of documents than their scores: it is neither answered from known scores nor shared. */
  readonly asksDetails: boolean;
  readonly onDocumentError: "fail" | "warn";
  readonly retries: RetrySettings;
  /** Its calls are to be in nobody's way. */
  readonly background?: Background | undefined;
}

export interface RetrySettings {
  readonly numRetries: number;
  /** Least seconds before a retry that has to wait. */
  readonly retryAfter: number;
}

/**
 * Where a score came from: computed for this request, known before or from another request's work, or that of an equal
 * text of this request.
 */
export const origin = { computed: 1, known: 2, repeated: 3 } as const;

/** Scores in the order of the task's `texts`, NaN where the model refused a text. */
export interface ScoreOutcome {
  readonly scores: Float64Array;
  readonly scoreKind: ScoreKind;
  /**
   * The sum over all calls. Search units are those that the upstream named, or else follow from its rule where it bills
   * per search.
   */
  readonly usage?: Usage | undefined;
  readonly warnings: readonly string[];
  /** By position. */
  readonly details?: ReadonlyMap<number, ScoreDetails> | undefined;
  /** Positions of texts that the server says it cut. */
  readonly truncated: readonly number[];
  /** Positions of texts that the model refused. */
  readonly refused: readonly number[];
  /** The last refusal. */
  readonly refusal?: DheeraError | undefined;
  /** The `origin` of each score; absent where all were computed. */
  readonly origins?: Uint8Array | undefined;
  /** False where a cache must not keep some of the scores. */
  readonly keep?: boolean | undefined;
}

/** Scores a task, or what is left of one after reuse. */
export type ComputeScores = (task: ScoreTask, context: RequestContext) => Promise<ScoreOutcome>;

/** The document of the request that a text belongs to. */
export function documentIndexOf({ documentIndices }: ScoreTask, position: number): number {
  return documentIndices?.[position] ?? position;
}

/** The document that a text belongs to, as the caller counts them: the request may be a part of the caller's. */
export function callerIndexOf(task: ScoreTask, position: number): number {
  const index = documentIndexOf(task, position);
  return task.part?.[index] ?? index;
}

/** The same task for some of its texts. */
export function selectTexts(task: ScoreTask, positions: readonly number[]): ScoreTask {
  if (positions.length === task.texts.length) return task;
  return {
    ...task,
    texts: positions.map((position) => task.texts[position] ?? ""),
    documentIndices: Int32Array.from(positions, (position) => documentIndexOf(task, position)),
  };
}
