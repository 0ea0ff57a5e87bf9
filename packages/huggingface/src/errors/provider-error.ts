import { DheeraError, type ErrorCode, type ErrorDetails } from "@dheera-ai/core";

/** The prefix of this provider's models, and its name in errors. */
export const providerName = "huggingface";

/** An error of a server or of the way to it; its message begins with the provider's name. */
export function providerError(
  code: ErrorCode,
  message: string,
  details: Omit<ErrorDetails, "provider"> = {},
): DheeraError {
  return new DheeraError(code, `${providerName}: ${message}`, { provider: providerName, ...details });
}

/** A setting that cannot be used; `param` is the key or the environment variable that holds it. */
export function invalidSetting(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", message, { provider: providerName, param });
}
