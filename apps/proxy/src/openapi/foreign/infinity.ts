import * as v from "valibot";

import {
  type InfinityErrorBody,
  type InfinityRequest,
  type InfinityResponse,
  infinity as format,
  infinityRequest,
} from "../../formats/foreign/infinity.ts";
import { exampleCallId, exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { errorBody } from "../response-schemas.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { askedFields, count, foreignMeta, position, sentDocument } from "./foreign-response.ts";

const fields = {
  model: commonFields.firstModel,
  query: commonFields.query,
  documents: commonFields.documents,
  top_n: commonFields.topN,
  return_documents: commonFields.returnDocuments,
  raw_scores: "Ask for logits, where the model can give them. Default false.",
} as const satisfies Record<keyof InfinityRequest, string>;

const response: v.GenericSchema<InfinityResponse> = v.object({
  object: v.literal("rerank"),
  id: v.string(),
  model: v.string(),
  results: v.array(
    v.object({ index: position, ...askedFields, relevance_score: v.number(), document: v.optional(sentDocument) }),
  ),
  usage: v.object({ prompt_tokens: count, total_tokens: count }),
  meta: foreignMeta,
});

const error: v.GenericSchema<InfinityErrorBody> = v.object({
  ...errorBody.entries,
  detail: v.pipe(
    v.union([
      v.string(),
      v.array(v.object({ loc: v.array(v.union([v.string(), v.number()])), msg: v.string(), type: v.string() })),
    ]),
    v.description("The message again; for status 422 a list with the field at fault."),
  ),
});

export const infinity: ForeignDescription = {
  format,
  label: "Infinity",
  description: "The base URL of a client of Infinity is `<this proxy>/infinity`.",
  request: infinityRequest,
  fields,
  response,
  error,
  exampleRequest: { model: "bm25", query: exampleQuery, documents: exampleDocuments, top_n: 1 },
  exampleResponse: {
    object: "rerank",
    id: exampleCallId,
    model: "bm25",
    results: [{ index: 1, relevance_score: 3.4269 }],
    usage: { prompt_tokens: 0, total_tokens: 0 },
    meta: exampleMeta,
  },
};
