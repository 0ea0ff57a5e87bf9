import type { JsonDocument } from "@dheera-ai/core";

/** What came of one request that was answered. */
export interface BatchResult {
  /** Of the input, from 1. */
  readonly line: number;
  readonly id?: string | undefined;
  /** It came as a line of OpenAI's batches. */
  readonly isBatchLine: boolean;
  /** As the batch has it: `batch_req_…`. */
  readonly resultId: string;
  readonly requestId: string | undefined;
  readonly status: number;
  /** The answer of `POST /v1/rerank`. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Best first. */
  readonly ranking: readonly RankedDocument[];
  /** What was asked; absent where the output does not need it. */
  readonly request?: AskedRequest | undefined;
}

export interface RankedDocument {
  /** Its place in the request, from 0. */
  readonly index: number;
  readonly score: number;
}

export interface AskedRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly JsonDocument[];
}

/** What came of one that failed. */
export interface BatchFailure {
  readonly line: number;
  readonly id?: string | undefined;
  readonly error: { readonly code: string; readonly message: string; readonly status?: number | undefined };
}
