import type { DheeraError, ScoreCall } from "@dheera-ai/core";

import type { Key } from "../endpoint/credentials.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";

/** Why a server gave no scores. */
export interface Refusal {
  readonly error: DheeraError;
  /**
   * What the server refuses. `documents`: these documents, or their number. `recipe`: there is no reranker behind this
   * way of asking, but there may be one behind another. `server`: the server as a whole, or our account. `unclear`: the
   * request, but the answer does not say which part of it.
   */
  readonly about: "documents" | "recipe" | "server" | "unclear";
  readonly status: number;
}

/** The request that was refused, as far as a refusal is read by it. */
export interface SentRequest {
  readonly endpoint: Endpoint;
  readonly key: Key;
  /** Absent for requests without documents: detecting the server, waking it. */
  readonly call?: ScoreCall;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly extraTexts?: 0 | 1;
}
