import type { DheeraError, RerankDocument, RerankResponse } from "@dheera-ai/core";
import { countSchema, documentsSchema, flagSchema, modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { type ErrorBody, errorBody } from "../error-body.ts";
import { readFields } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";
import { inTheirWords } from "./in-their-words.ts";
import { type Ranked, ranked } from "./ranked.ts";
import { type ForeignMeta, countedTokens } from "./usage.ts";

/** Voyage AI's API: `top_k` in place of `top_n`, `truncation` of `truncate`, and the ranking in `data`. */
export const voyage: ForeignFormat = {
  path: "/voyage/v1/rerank",
  aliases: ["/voyage/rerank"],
  read,
  error: voyageErrorBody,
};

/** Only `detail`, because Voyage's own clients (0.3) break over an object under `error`. */
export type VoyageErrorBody = Omit<ErrorBody, "error">;

function voyageErrorBody(error: DheeraError, callId: string): VoyageErrorBody {
  const { id, message, detail } = errorBody(inTheirWords(error, { truncate: "truncation" }), callId);
  return { id, message, detail };
}

export interface VoyageRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly top_k?: number | null;
  readonly truncation?: boolean | null;
  readonly return_documents?: boolean | null;
}

export const voyageRequest: v.GenericSchema<unknown, VoyageRequest> = v.looseObject(
  {
    model: modelSchema,
    query: querySchema,
    documents: documentsSchema,
    top_k: v.nullish(countSchema),
    truncation: v.nullish(flagSchema),
    return_documents: v.nullish(flagSchema),
  },
  "the body must be a JSON object with model, query and documents",
);

export interface VoyageResponse {
  readonly object: "list";
  readonly data: readonly (Ranked & {
    readonly relevance_score: number;
    /** A text, as its clients read it; an object where one was sent. */
    readonly document?: RerankDocument;
  })[];
  readonly model: string;
  readonly usage: { readonly total_tokens: number };
  readonly meta: ForeignMeta;
}

function read(body: unknown): RequestFormat {
  const { truncation, return_documents: returnsDocuments, ...request } = readFields(voyageRequest, body);
  return {
    request: truncation == null ? request : { ...request, truncate: truncation },
    answer: (response) => answer(response, returnsDocuments ? request.documents : undefined),
  };
}

function answer(response: RerankResponse, documents: readonly RerankDocument[] | undefined): VoyageResponse {
  const { tokens, meta } = countedTokens(response);
  return {
    object: "list",
    data: response.results.map((result) => {
      const document = documents?.[result.index];
      const { relevance_score } = result;
      return ranked(result, document === undefined ? { relevance_score } : { relevance_score, document });
    }),
    model: response.model,
    usage: { total_tokens: tokens.total_tokens },
    meta,
  };
}
