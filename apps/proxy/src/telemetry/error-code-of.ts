import { type ErrorCode, isDheeraError, upstreamError } from "@dheera-ai/core";

/** The error code for anything that a call to an upstream threw. */
export function errorCodeOf(error: unknown, provider: string): ErrorCode {
  // Core adds the deployment to an error when it records the failed call. So this error is another call's, and it is
  // the reason why this call was cancelled.
  if (isDheeraError(error)) return error.deployment === undefined ? error.code : "cancelled";
  // The hedge of this call was faster.
  if (error instanceof Error && error.name === "AbortError") return "cancelled";
  if (error instanceof Error && error.name === "TimeoutError") return "timeout";
  return upstreamError(error, provider).code;
}
