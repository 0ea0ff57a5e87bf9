import type { ErrorCode } from "@dheera-ai/core";

/** Who has to act on an error: the caller, the operator of the upstream, or the operator of this proxy (`us`). */
export type Fault = "caller" | "upstream" | "us";

/** Whose fault a failed request is: by its code, or by its status where it has no code. */
export function faultOf(code: ErrorCode | undefined, status: number): Fault {
  if (code !== undefined) return faults[code];
  return status < 500 ? "caller" : "us";
}

const faults = {
  invalid_request: "caller",
  unauthenticated: "caller",
  forbidden: "caller",
  model_not_found: "caller",
  request_too_large: "caller",
  rate_limited: "caller",
  budget_exceeded: "caller",
  // The upstream refused the proxy's key, which is in the proxy's configuration.
  provider_auth: "us",
  provider_rate_limited: "upstream",
  provider_overloaded: "upstream",
  provider_starting: "upstream",
  // The upstream refused what the caller sent.
  provider_rejected: "caller",
  provider_unreachable: "upstream",
  provider_failed: "upstream",
  provider_bad_response: "upstream",
  timeout: "upstream",
  cancelled: "caller",
  unavailable: "us",
  internal: "us",
} as const satisfies Record<ErrorCode, Fault>;
