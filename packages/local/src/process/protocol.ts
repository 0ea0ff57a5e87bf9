import type { ModelDescription } from "../model/description.ts";

/**
 * What the process that ranks and the child that holds a model say to each other, over Node.js's own channel between
 * the two (`serialization: "advanced"`). Every request has a number, and ends with exactly one `done`, `counts`,
 * `refused` or `cancelled`.
 */
export type ToChild = LoadMessage | ScoreMessage | CountMessage | CancelMessage;
export type FromChild =
  | ReadyMessage
  | FailedMessage
  | ScoresMessage
  | DoneMessage
  | CountsMessage
  | RefusedMessage
  | CancelledMessage;

/** The first message, once. Answered by `ready` or `failed`. */
export interface LoadMessage {
  readonly type: "load";
  readonly model: ModelDescription;
  /** Threads of one run, at least 1. */
  readonly threads: number;
  readonly runtime: "native" | "wasm";
  /** Memory for vectors of texts that may be asked for again, for embedding models; 0: none is kept. */
  readonly vectorCacheBytes: number;
  /** The absolute paths of the modules of ONNX Runtime and of the tokenizer. */
  readonly modules: { readonly onnxRuntime: string; readonly tokenizer: string };
}

export interface ReadyMessage {
  readonly type: "ready";
  /** Bytes of memory that the child uses now. */
  readonly memory: number;
}

/** The model cannot be used. The child ends afterwards. */
export interface FailedMessage {
  readonly type: "failed";
  /** A sentence for the operator, which names no document. */
  readonly message: string;
}

/** Scores documents in their order, one a run. Documents of several requests take turns. */
export interface ScoreMessage {
  readonly type: "score";
  readonly id: number;
  readonly query: string;
  readonly documents: readonly string[];
  /** Cut what is too long; otherwise refuse it. */
  readonly truncate: boolean;
  readonly truncationDirection: "left" | "right";
  /** Tokens of one document that count, special tokens excluded. */
  readonly maxTokensPerDocument: number | undefined;
}

/** Some scores of a request, so that none is computed again where the child dies. */
export interface ScoresMessage {
  readonly type: "scores";
  readonly id: number;
  /** The position of the first document that these are of; the others follow it. */
  readonly from: number;
  /**
   * Logits of a cross-encoder (of its positive label: the logarithm of its odds, where it has several), cosines of a
   * bi-encoder.
   */
  readonly scores: Float64Array;
  /** Tokens that the model read for each of them. */
  readonly tokens: Uint32Array;
  /** Positions (of the request) of documents among them that were cut. */
  readonly truncated: readonly number[];
  /** As in `DoneMessage`, as far as it is known. */
  readonly queryTokens: number;
  readonly isQueryCut: boolean;
  /** Bytes of memory that the child uses now. */
  readonly memory: number;
}

/** All scores of a request were sent. */
export interface DoneMessage {
  readonly type: "done";
  readonly id: number;
  /** Tokens of the query where it is read once for the request (bi-encoders); otherwise 0. */
  readonly queryTokens: number;
  /** Whether tokens of the query were not read, because there were too many. */
  readonly isQueryCut: boolean;
}

/** Counts the tokens of each text, special tokens of a single text included. */
export interface CountMessage {
  readonly type: "count";
  readonly id: number;
  readonly texts: readonly string[];
}

export interface CountsMessage {
  readonly type: "counts";
  readonly id: number;
  readonly tokens: readonly number[];
}

/** A request cannot be served. */
export interface RefusedMessage {
  readonly type: "refused";
  readonly id: number;
  /** `too-long`: a text has more tokens than the model reads and may not be cut. `failed`: the runtime failed. */
  readonly reason: "too-long" | "failed";
  /** A sentence for the caller, which names no text. */
  readonly message: string;
}

/**
 * The child forgets the request before its next document. Answered by `cancelled`, so that a child that hangs can be told
 * from one that is free again; by nothing where the request had ended already.
 */
export interface CancelMessage {
  readonly type: "cancel";
  readonly id: number;
}

/** Nothing more of this request is computed or sent. */
export interface CancelledMessage {
  readonly type: "cancelled";
  readonly id: number;
}
