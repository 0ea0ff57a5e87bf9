import type { ErrorCode } from "@dheera-ai/core";

/** Who has to act on an error: whoever called, whoever runs the upstream, or whoever runs this proxy. */
export type Fault = "caller" | "upstream" | "us";

/** Whose fault a failed request is; where it has no code, the status tells. */
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
  // The upstream refused our key, which is in our configuration.
  provider_auth: "us",
  provider_rate_limited: "upstream",
  provider_overloaded: "upstream",
  provider_starting: "upstream",
  // What the caller sent is refused, only further away.
  provider_rejected: "caller",
  provider_unreachable: "upstream",
  provider_failed: "upstream",
  provider_bad_response: "upstream",
  timeout: "upstream",
  cancelled: "caller",
  internal: "us",
} as const satisfies Record<ErrorCode, Fault>;
