import type { RerankDocument, RerankResponse } from "@dheera-ai/core";
import { countSchema, documentsSchema, flagSchema, modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { errorBody } from "../error-body.ts";
import { readFields } from "../read-fields.ts";
import type { ForeignFormat } from "../request-format.ts";
import { type ForeignMeta, countedTokens } from "./usage.ts";

/** Jina AI's API: Cohere's request, and an answer that always has the number of tokens. */
export const jina: ForeignFormat = {
  path: "/jina/v1/rerank",
  aliases: ["/jina/rerank"],
  read: (body) => ({ request: readFields(jinaRequest, body), answer }),
  error: errorBody,
};

export interface JinaRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly top_n?: number | null;
  readonly return_documents?: boolean | null;
}

export const jinaRequest: v.GenericSchema<unknown, JinaRequest> = v.looseObject(
  {
    model: modelSchema,
    query: querySchema,
    documents: documentsSchema,
    top_n: v.nullish(countSchema),
    return_documents: v.nullish(flagSchema),
  },
  "the body must be a JSON object with model, query and documents",
);

export interface JinaResponse extends Pick<RerankResponse, "model" | "results"> {
  readonly object: "list";
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  readonly meta: ForeignMeta;
}

function answer(response: RerankResponse): JinaResponse {
  const { tokens, meta } = countedTokens(response);
  const { prompt_tokens, total_tokens } = tokens;
  const { model, results } = response;
  return { model, object: "list", usage: { prompt_tokens, total_tokens }, results, meta };
}
