import type { DheeraError, ErrorCode } from "@dheera-ai/core";

/**
 * An error as every known client can read it: Cohere's top-level `message`, Jina's `detail`, OpenAI's and LiteLLM's `error`
 * object, and the id to ask the operator about.
 */
export interface ErrorBody {
  readonly id: string;
  readonly message: string;
  /** The message again: Jina's clients read it without asking whether it is there. */
  readonly detail: string;
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: string;
    readonly param: string | null;
  };
}

export function errorBody({ code, message, param }: DheeraError, id: string): ErrorBody {
  return { id, message, detail: message, error: { message, type: types[code], code, param: param ?? null } };
}

/** The body of an error that occurs before a route is found, or of what its answer names. */
export function addressErrorBody(
  code: "not_found" | "method_not_allowed" | "bad_request" | "conflict",
  message: string,
  id: string,
): ErrorBody {
  return { id, message, detail: message, error: { message, type: "invalid_request_error", code, param: null } };
}

/** OpenAI's types of errors, which say whose fault an error is. */
const types = {
  invalid_request: "invalid_request_error",
  unauthenticated: "authentication_error",
  forbidden: "permission_error",
  model_not_found: "invalid_request_error",
  request_too_large: "invalid_request_error",
  rate_limited: "rate_limit_error",
  budget_exceeded: "rate_limit_error",
  provider_auth: "upstream_error",
  provider_rate_limited: "upstream_error",
  provider_overloaded: "upstream_error",
  provider_starting: "upstream_error",
  provider_rejected: "upstream_error",
  provider_unreachable: "upstream_error",
  provider_failed: "upstream_error",
  provider_bad_response: "upstream_error",
  timeout: "timeout_error",
  cancelled: "cancelled_error",
  unavailable: "internal_error",
  internal: "internal_error",
} as const satisfies Record<ErrorCode, string>;
