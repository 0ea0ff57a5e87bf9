import type { DheeraError, RerankDocument, RerankResponse } from "@dheera-ai/core";
import { documentsSchema, modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { type ErrorBody, errorBody } from "../error-body.ts";
import { type Ranked, ranked } from "../foreign/ranked.ts";
import { type ForeignMeta, countedTokens } from "../foreign/usage.ts";
import { modelOr, readFields } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";

/**
 * What Weaviate's module `reranker-transformers` asks its inference container, and reads from it. It gives the scores to its objects by
 * their positions alone, so they come in the order of the documents, and it names no model.
 */
export const weaviate: ForeignFormat = {
  path: "/weaviate/rerank",
  aliases: [],
  read,
  error: weaviateErrorBody,
};

export interface WeaviateRequest {
  readonly model?: string | null;
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  /** Which property of the objects the documents are; Weaviate leaves it empty. */
  readonly property?: string | null;
}

export const weaviateRequest: v.GenericSchema<unknown, WeaviateRequest> = v.looseObject(
  {
    model: v.nullish(modelSchema),
    query: querySchema,
    documents: documentsSchema,
    property: v.nullish(v.string("must be a text")),
  },
  "the body must be a JSON object with query and documents",
);

export interface WeaviateResponse {
  readonly query: string;
  readonly property: string;
  readonly scores: readonly (Ranked & { readonly document: RerankDocument; readonly score: number })[];
  readonly model: string;
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  readonly meta: ForeignMeta;
}

function read(body: unknown, firstModel: () => string | undefined): RequestFormat {
  const { property, ...request } = readFields(weaviateRequest, body);
  return {
    request: { ...request, model: modelOr(request.model, firstModel()) },
    answer: (response) => answer(response, request, property ?? ""),
  };
}

function answer(
  response: RerankResponse,
  { query, documents }: Pick<WeaviateRequest, "query" | "documents">,
  property: string,
): WeaviateResponse {
  const { tokens, meta } = countedTokens(response);
  const { prompt_tokens, total_tokens } = tokens;
  const scores = response.results
    .toSorted((left, right) => left.index - right.index)
    .map((result) => ranked(result, { document: documents[result.index] ?? "", score: result.relevance_score }));
  return { query, property, scores, model: response.model, usage: { prompt_tokens, total_tokens }, meta };
}

export interface WeaviateErrorBody extends Omit<ErrorBody, "error"> {
  /** The message again: Weaviate shows nothing else, and fails to read an object. */
  readonly error: string;
  readonly type: string;
  readonly code: string;
  readonly param: string | null;
}

function weaviateErrorBody(error: DheeraError, id: string): WeaviateErrorBody {
  const body = errorBody(error, id);
  const { type, code, param } = body.error;
  return { ...body, error: body.message, type, code, param };
}
