import type { DheeraError, RerankDocument, RerankResponse } from "@dheera-ai/core";
import {
  countSchema,
  documentsSchema,
  flagSchema,
  modelSchema,
  querySchema,
  rankFieldsSchema,
} from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { type ErrorBody, errorBody } from "../error-body.ts";
import { modelOr, readFields } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";
import { inTheirWords } from "./in-their-words.ts";
import { type Ranked, ranked } from "./ranked.ts";
import { type CountedTokens, type ForeignMeta, countedTokens } from "./usage.ts";

/** Mixedbread's API: `input` in place of `documents`, `top_k` of `top_n`, and the ranking in `data`. */
export const mixedbread: ForeignFormat = {
  path: "/mixedbread/v1/reranking",
  aliases: ["/mixedbread/reranking"],
  read,
  error: (error: DheeraError, id: string): ErrorBody => errorBody(inTheirWords(error, { documents: "input" }), id),
};

export interface MixedbreadRequest {
  readonly model?: string | null;
  readonly query: string;
  readonly input: readonly RerankDocument[];
  readonly top_k?: number | null;
  readonly rank_fields?: readonly string[] | null;
  readonly return_input?: boolean | null;
  readonly rewrite_query?: false | null;
}

export const mixedbreadRequest: v.GenericSchema<unknown, MixedbreadRequest> = v.looseObject(
  {
    model: v.nullish(modelSchema),
    query: querySchema,
    input: documentsSchema,
    top_k: v.nullish(countSchema),
    rank_fields: v.nullish(rankFieldsSchema),
    return_input: v.nullish(flagSchema),
    rewrite_query: v.nullish(v.literal(false, "must be false, because queries are not rewritten here")),
  },
  "the body must be a JSON object with query and input",
);

export interface MixedbreadResponse {
  readonly object: "list";
  readonly model: string;
  readonly data: readonly (Ranked & {
    readonly object: "rank_result";
    readonly score: number;
    /** As it was sent. */
    readonly input?: RerankDocument;
  })[];
  readonly usage: CountedTokens["tokens"];
  readonly top_k: number;
  readonly return_input: boolean;
  readonly meta: ForeignMeta;
}

function read(body: unknown, firstModel: () => string | undefined): RequestFormat {
  const fields = readFields(mixedbreadRequest, body);
  const { input: documents, return_input: returnsInput, rewrite_query: _, ...request } = fields;
  return {
    request: { ...request, model: modelOr(fields.model, firstModel()), documents },
    answer: (response) => answer(response, returnsInput ? documents : undefined),
  };
}

function answer(response: RerankResponse, inputs: readonly RerankDocument[] | undefined): MixedbreadResponse {
  const { tokens, meta } = countedTokens(response);
  const { model, results } = response;
  return {
    object: "list",
    model,
    data: results.map((result) => {
      const input = inputs?.[result.index];
      const object = "rank_result";
      const { relevance_score: score } = result;
      return ranked(result, input === undefined ? { object, score } : { object, score, input });
    }),
    usage: tokens,
    top_k: results.length,
    return_input: inputs !== undefined,
    meta,
  };
}
