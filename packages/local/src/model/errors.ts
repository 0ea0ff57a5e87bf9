import { DheeraError, type ErrorCode } from "@dheera-ai/core";

/** The model cannot be used as the configuration names it, now or later. */
export function unusable(code: ErrorCode, param: string, message: string, cause?: unknown): DheeraError {
  return new DheeraError(code, message, { provider: "local", param, permanent: true, cause });
}
