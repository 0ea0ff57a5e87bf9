import type { DheeraError, RerankRequest, RerankResponse } from "@dheera-ai/core";

/** A request as core takes it, and how to answer in the words of whoever sent it. */
export interface RequestFormat {
  readonly request: RerankRequest;
  answer(response: RerankResponse): unknown;
}

/** How an error is told to those who speak like this. */
export type ErrorFormat = (error: DheeraError, callId: string) => unknown;
