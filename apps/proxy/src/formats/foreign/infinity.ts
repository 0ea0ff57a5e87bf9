import type { DheeraError, RerankDocument, RerankResponse } from "@dheera-ai/core";
import { countSchema, documentsSchema, flagSchema, modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { type ErrorBody, errorBody } from "../error-body.ts";
import { modelOr, readFields } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";
import { type Ranked, ranked } from "./ranked.ts";
import { type ForeignMeta, countedTokens } from "./usage.ts";

/** Infinity's API: Cohere's request, documents that come back as plain texts, and FastAPI's list for status 422. */
export const infinity: ForeignFormat = {
  path: "/infinity/rerank",
  aliases: ["/infinity/v1/rerank"],
  read,
  error: infinityErrorBody,
};

export interface InfinityRequest {
  readonly model?: string | null;
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly top_n?: number | null;
  readonly return_documents?: boolean | null;
  readonly raw_scores?: boolean | null;
}

export const infinityRequest: v.GenericSchema<unknown, InfinityRequest> = v.looseObject(
  {
    model: v.nullish(modelSchema),
    query: querySchema,
    documents: documentsSchema,
    top_n: v.nullish(countSchema),
    return_documents: v.nullish(flagSchema),
    raw_scores: v.nullish(flagSchema),
  },
  "the body must be a JSON object with query and documents",
);

export interface InfinityResponse {
  readonly object: "rerank";
  readonly id: string;
  readonly model: string;
  readonly results: readonly (Ranked & {
    readonly relevance_score: number;
    /** A text, as its clients read it; an object where one was sent. */
    readonly document?: RerankDocument;
  })[];
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  readonly meta: ForeignMeta;
}

/** What its clients send where nobody chose a model. */
const noModel = "default/not-specified";

function read(body: unknown, firstModel: () => string | undefined): RequestFormat {
  const { return_documents: returnsDocuments, ...request } = readFields(infinityRequest, body);
  const model = request.model === noModel ? undefined : request.model;
  return {
    request: { ...request, model: modelOr(model, firstModel()) },
    answer: (response) => answer(response, returnsDocuments ? request.documents : undefined),
  };
}

function answer(response: RerankResponse, documents: readonly RerankDocument[] | undefined): InfinityResponse {
  const { tokens, meta } = countedTokens(response);
  const { prompt_tokens, total_tokens } = tokens;
  const { id, model, results } = response;
  return {
    object: "rerank",
    id,
    model,
    results: results.map((result) => {
      const document = documents?.[result.index];
      const { relevance_score } = result;
      return ranked(result, document === undefined ? { relevance_score } : { relevance_score, document });
    }),
    usage: { prompt_tokens, total_tokens },
    meta,
  };
}

export interface InfinityErrorBody extends Omit<ErrorBody, "detail"> {
  /** For status 422 what FastAPI says, else the message again. */
  readonly detail:
    | string
    | readonly { readonly loc: readonly (string | number)[]; readonly msg: string; readonly type: string }[];
}

function infinityErrorBody(error: DheeraError, id: string): InfinityErrorBody {
  const body = errorBody(error, id);
  if (error.status !== 422) return body;
  return { ...body, detail: [{ loc: ["body", ...placesIn(error.param)], msg: error.message, type: error.code }] };
}

/** `documents[3]` → `documents`, 3 */
function placesIn(param: string | undefined): readonly (string | number)[] {
  return (param?.match(/\w+/g) ?? []).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
