import type { DocumentRecord, RerankDocument, RerankResponse } from "@dheera-ai/core";
import {
  countSchema,
  documentsSchema,
  flagSchema,
  modelSchema,
  querySchema,
  rankFieldsSchema,
} from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { errorBody } from "../error-body.ts";
import { readFields } from "../read-fields.ts";
import type { ForeignFormat } from "../request-format.ts";
import { type Ranked, ranked } from "./ranked.ts";
import { type CountedTokens, type ForeignMeta, countedTokens } from "./usage.ts";

/** Together AI's API: Cohere's request, and an answer that always has all counts of tokens. */
export const together: ForeignFormat = {
  path: "/together/v1/rerank",
  aliases: ["/together/rerank"],
  read: (body) => ({ request: readFields(togetherRequest, body), answer }),
  error: errorBody,
};

export interface TogetherRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly top_n?: number | null;
  readonly return_documents?: boolean | null;
  readonly rank_fields?: readonly string[] | null;
}

export const togetherRequest: v.GenericSchema<unknown, TogetherRequest> = v.looseObject(
  {
    model: modelSchema,
    query: querySchema,
    documents: documentsSchema,
    top_n: v.nullish(countSchema),
    return_documents: v.nullish(flagSchema),
    rank_fields: v.nullish(rankFieldsSchema),
  },
  "the body must be a JSON object with model, query and documents",
);

export interface TogetherResponse {
  readonly id: string;
  readonly object: "rerank";
  readonly model: string;
  readonly results: readonly (Ranked & {
    readonly relevance_score: number;
    readonly document: DocumentRecord;
  })[];
  readonly usage: CountedTokens["tokens"];
  readonly meta: ForeignMeta;
}

function answer(response: RerankResponse): TogetherResponse {
  const { tokens, meta } = countedTokens(response);
  const { id, model, results } = response;
  return {
    id,
    object: "rerank",
    model,
    // Its clients read `document.text` without asking whether there is a document.
    results: results.map((result) =>
      ranked(result, { relevance_score: result.relevance_score, document: result.document ?? {} }),
    ),
    usage: tokens,
    meta,
  };
}
