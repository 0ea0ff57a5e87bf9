import type { DheeraError, ErrorCode, RerankResponse } from "@dheera-ai/core";

import { invalidField, modelOr, readFields } from "./read-fields.ts";
import type { RequestFormat } from "./request-format.ts";
import { noTexts, teiRequestSchema } from "./tei-request.ts";

/**
 * Reads a request in the format of `POST /rerank` of Text Embeddings Inference, so that its clients can use the proxy.
 * @param defaultModel used because clients of TEI name no model: TEI serves only one
 * @throws DheeraError `invalid_request`
 */
export function teiFormat(body: unknown, defaultModel: string | undefined): RequestFormat {
  const fields = readFields(teiRequestSchema, body);
  const { query, texts, truncate, truncation_direction, raw_scores, return_text } = fields;
  checkTexts(texts);
  const model = modelOr(fields.model, defaultModel);
  return {
    request: { model, query, documents: texts, truncate, truncation_direction, raw_scores },
    answer: ({ results }) =>
      results.map(({ index, relevance_score: score }) =>
        return_text ? { index, score, text: texts[index] } : { index, score },
      ),
    headers: computeHeaders,
  };
}

/** Of all its headers the one that means the same of a request that was divided into calls. */
function computeHeaders({ usage }: RerankResponse): Readonly<Record<string, string>> {
  const tokens = usage?.prompt_tokens;
  return tokens === undefined ? noHeaders : { "x-compute-tokens": String(tokens) };
}

const noHeaders: Readonly<Record<string, string>> = {};

/** No further than the first that is none. */
function checkTexts(texts: readonly unknown[]): void {
  const index = texts.findIndex((text) => typeof text !== "string");
  if (index === -1) return;
  throw invalidField(`texts[${index}]`, "must be a text");
}

/** TEI's error body, whose `error` is a text, with the id and the message of the proxy's own body. */
export interface TeiErrorBody {
  readonly id: string;
  readonly message: string;
  readonly error: string;
  readonly error_type: string;
  readonly code: ErrorCode;
}

export function teiErrorBody({ code, message, param }: DheeraError, id: string): TeiErrorBody {
  const isEmpty = param === "texts" && message.endsWith(noTexts);
  return { id, message, error: message, error_type: isEmpty ? "Empty" : errorTypes[code], code };
}

const errorTypes = {
  invalid_request: "Validation",
  unauthenticated: "Unhealthy",
  forbidden: "Unhealthy",
  model_not_found: "Validation",
  request_too_large: "Validation",
  rate_limited: "Overloaded",
  budget_exceeded: "Overloaded",
  provider_auth: "Backend",
  provider_rate_limited: "Overloaded",
  provider_overloaded: "Overloaded",
  provider_starting: "Unhealthy",
  provider_rejected: "Validation",
  provider_unreachable: "Backend",
  provider_failed: "Backend",
  provider_bad_response: "Backend",
  timeout: "Backend",
  cancelled: "Backend",
  unavailable: "Unhealthy",
  internal: "Backend",
} as const satisfies Record<ErrorCode, string>;
