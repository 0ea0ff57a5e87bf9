import type { DheeraError, HttpAnswer } from "@dheera-ai/core";
import { readRetryAfter } from "@dheera-ai/core/provider-utils";

import type { Endpoint } from "../endpoint/endpoint.ts";
import { textOf } from "./error-body.ts";
import { providerError } from "./provider-error.ts";
import { applyRefusalRules } from "./refusal-rules.ts";
import type { Refusal, SentRequest } from "./refusal.ts";

/**
 * Turns a refusal into an error that says what to do. The server's own text goes into no message, because it may quote
 * documents.
 */
export function readRefusal(answer: HttpAnswer, request: SentRequest): Refusal {
  const meaning = applyRefusalRules({ ...request, answer, text: textOf(answer.body) });
  return { error: errorOf(meaning, answer, request.endpoint), about: meaning.about, status: answer.status };
}

function errorOf(
  { code, message, learned, retryAfter: named }: ReturnType<typeof applyRefusalRules>,
  answer: HttpAnswer,
  endpoint: Endpoint,
): DheeraError {
  const retryAfter = named ?? readRetryAfter(answer.headers.get("retry-after"));
  return providerError(code, `${message} (${reference(answer, endpoint)})`, {
    permanent: code === "provider_auth" || (code === "provider_failed" && isAbsent(answer.status)),
    upstream: { address: `${endpoint.url.origin}${endpoint.url.pathname}`, status: answer.status },
    ...(learned !== undefined && { learned }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** A path, a method or a model that the server does not have now, it does not have a second later either. */
export function isAbsent(status: number): boolean {
  return status === 404 || status === 405 || status === 410;
}

/** The status, and at Hugging Face the request's id, which its support asks for. */
function reference({ status, headers }: HttpAnswer, { kind }: Endpoint): string {
  const id = kind === "server" ? undefined : /^[\w=;:.-]{1,100}$/.exec(headers.get("x-request-id") ?? "")?.[0];
  return id === undefined ? `HTTP ${status}` : `HTTP ${status}, request ${id}`;
}
