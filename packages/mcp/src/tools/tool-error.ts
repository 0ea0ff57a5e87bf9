import { type DheeraError, type ErrorCode, isDheeraError } from "@dheera-ai/core";

import type { CallToolResult } from "@modelcontextprotocol/server";

/** A failure as an agent can act on it: what is wrong, with which field, and what to do. Never a stack, a key or a text. */
export function toolError(error: unknown): CallToolResult {
  return { isError: true, content: [{ type: "text", text: describe(error) }] };
}

function describe(error: unknown): string {
  if (!isDheeraError(error)) return "internal: the ranking failed; nothing that you could change in the call is known";
  return [`${error.code}: ${error.message}${where(error)}`, remedyOf(error)].filter(Boolean).join("\n");
}

function where({ param, message }: DheeraError): string {
  return param === undefined || message.includes(param) ? "" : ` (${param})`;
}

function remedyOf({ code, retryAfter }: DheeraError): string {
  if (retryAfter !== undefined && retryAfter > 0)
    return `Try again in ${Math.ceil(retryAfter)} seconds, or with another model of list_models.`;
  return remedies[code];
}

const laterOrOther = "Try again later, or with another model of list_models.";
const forPerson = "Only whoever runs this server can change that: tell the user.";

const remedies: Readonly<Record<ErrorCode, string>> = {
  invalid_request: "Correct that argument and call again.",
  unauthenticated: forPerson,
  forbidden: forPerson,
  model_not_found: "Call list_models for the names, or leave model out.",
  request_too_large: "Give fewer or shorter documents: rank parts, then rank the best of each part.",
  rate_limited: "Try again when others have ended.",
  budget_exceeded: forPerson,
  provider_auth: forPerson,
  provider_rate_limited: laterOrOther,
  provider_overloaded: laterOrOther,
  provider_starting: laterOrOther,
  provider_rejected: "Change what is refused, or use another model of list_models.",
  provider_unreachable: laterOrOther,
  provider_failed: laterOrOther,
  provider_bad_response: laterOrOther,
  timeout: "Give fewer documents, or try again later.",
  cancelled: "",
  unavailable: laterOrOther,
  internal: laterOrOther,
};
