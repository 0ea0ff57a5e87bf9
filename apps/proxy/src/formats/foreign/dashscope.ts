import type { DheeraError, ErrorCode, RerankDocument, RerankResponse } from "@dheera-ai/core";
import { countSchema, documentsSchema, flagSchema, modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { type ErrorBody, errorBody } from "../error-body.ts";
import { readFields } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";
import { inTheirWords } from "./in-their-words.ts";
import { type ForeignMeta, countedTokens } from "./usage.ts";

/** DashScope's API that resembles Cohere's; its instruction is called `instruct`. */
export const dashscope: ForeignFormat = {
  path: "/dashscope/compatible-api/v1/reranks",
  aliases: ["/dashscope/v1/reranks", "/dashscope/reranks"],
  read,
  error: (error: DheeraError, id: string): DashscopeErrorBody =>
    dashscopeErrorBody(inTheirWords(error, { instruction: "instruct" }), id),
};

export interface DashscopeRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly top_n?: number | null;
  readonly return_documents?: boolean | null;
  readonly instruct?: string | null;
}

export const dashscopeRequest: v.GenericSchema<unknown, DashscopeRequest> = v.looseObject(
  {
    model: modelSchema,
    query: querySchema,
    documents: documentsSchema,
    top_n: v.nullish(countSchema),
    return_documents: v.nullish(flagSchema),
    instruct: v.nullish(v.string("must be a text")),
  },
  "the body must be a JSON object with model, query and documents",
);

export interface DashscopeResponse extends Pick<RerankResponse, "id" | "model" | "results"> {
  readonly object: "list";
  readonly usage: { readonly total_tokens: number };
  readonly meta: ForeignMeta;
}

function read(body: unknown): RequestFormat {
  const { instruct, ...request } = readFields(dashscopeRequest, body);
  return { request: instruct == null ? request : { ...request, instruction: instruct }, answer };
}

function answer(response: RerankResponse): DashscopeResponse {
  const { tokens, meta } = countedTokens(response);
  const { id, model, results } = response;
  return { object: "list", id, model, results, usage: { total_tokens: tokens.total_tokens }, meta };
}

/** Its code, message and id stand at the top. */
export interface DashscopeErrorBody extends ErrorBody {
  readonly code: string;
  readonly request_id: string;
}

export function dashscopeErrorBody(error: DheeraError, id: string): DashscopeErrorBody {
  return { ...errorBody(error, id), code: words[error.code], request_id: id };
}

const words = {
  invalid_request: "InvalidParameter",
  unauthenticated: "InvalidApiKey",
  forbidden: "AccessDenied",
  model_not_found: "ModelNotFound",
  request_too_large: "InvalidParameter",
  rate_limited: "Throttling.RateQuota",
  budget_exceeded: "Throttling.AllocationQuota",
  provider_auth: "InternalError",
  provider_rate_limited: "Throttling",
  provider_overloaded: "ServiceUnavailable",
  provider_starting: "ServiceUnavailable",
  provider_rejected: "InvalidParameter",
  provider_unreachable: "InternalError",
  provider_failed: "InternalError",
  provider_bad_response: "InternalError",
  timeout: "RequestTimeOut",
  cancelled: "RequestTimeOut",
  unavailable: "ServiceUnavailable",
  internal: "InternalError",
} as const satisfies Record<ErrorCode, string>;

export const dashscopeCodes: readonly string[] = [...new Set(Object.values(words))];
