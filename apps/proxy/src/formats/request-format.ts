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

/** The API of another server, at paths of its own, so that its clients can use the proxy unmodified. */
export interface ForeignFormat {
  /** Below a prefix that a client's base URL is set to; names the route in metrics and traces. */
  readonly path: string;
  /** The same for clients whose base URL does, or does not, hold the version. */
  readonly aliases: readonly string[];
  /**
   * @param firstModel of those that the caller may use
   * @throws DheeraError `invalid_request`
   */
  read(body: unknown, firstModel: () => string | undefined): RequestFormat;
  readonly error: ErrorFormat;
}
