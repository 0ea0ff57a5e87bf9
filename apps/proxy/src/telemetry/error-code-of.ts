import { type ErrorCode, isDheeraError, upstreamError } from "@dheera-ai/core";

/** The code of whatever a call to an upstream threw. */
export function errorCodeOf(error: unknown, provider: string): ErrorCode {
  // Core names the deployment once a call has been judged, so this is how another call of the request ended, and the reason that this one was given up.
  if (isDheeraError(error)) return error.deployment === undefined ? error.code : "cancelled";
  // A copy of this call was faster.
  if (error instanceof Error && error.name === "AbortError") return "cancelled";
  if (error instanceof Error && error.name === "TimeoutError") return "timeout";
  return upstreamError(error, provider).code;
}
