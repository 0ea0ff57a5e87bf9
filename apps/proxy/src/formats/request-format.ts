import type { DheeraError, RerankRequest, RerankResponse } from "@dheera-ai/core";

/** A request as core takes it, and the function that formats the response for the client that sent it. */
export interface RequestFormat {
  readonly request: RerankRequest;
  answer(response: RerankResponse): unknown;
  /** Headers that clients of this format read beside the answer. */
  headers?(response: RerankResponse): Readonly<Record<string, string>>;
}

/** Formats an error for clients of this format. */
export type ErrorFormat = (error: DheeraError, callId: string) => unknown;
