import * as v from "valibot";

import {
  type TogetherRequest,
  type TogetherResponse,
  together as format,
  togetherRequest,
} from "../../formats/foreign/together.ts";
import { exampleCallId, exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { askedFields, documentRecord, foreignMeta, position, tokenUsage } from "./foreign-response.ts";

const fields = {
  model: commonFields.model,
  query: commonFields.query,
  documents: commonFields.documents,
  top_n: commonFields.topN,
  return_documents: commonFields.returnDocuments,
  rank_fields: commonFields.rankFields,
} as const satisfies Record<keyof TogetherRequest, string>;

const response: v.GenericSchema<TogetherResponse> = v.object({
  id: v.string(),
  object: v.literal("rerank"),
  model: v.string(),
  results: v.array(
    v.object({
      index: position,
      ...askedFields,
      relevance_score: v.number(),
      document: v.pipe(documentRecord, v.description("Empty unless documents were asked for.")),
    }),
  ),
  usage: tokenUsage,
  meta: foreignMeta,
});

export const together: ForeignDescription = {
  format,
  label: "Together AI",
  description: "The base URL of a client of Together AI is `<this proxy>/together/v1`.",
  request: togetherRequest,
  fields,
  response,
  exampleRequest: { model: "bm25", query: exampleQuery, documents: exampleDocuments, top_n: 1 },
  exampleResponse: {
    id: exampleCallId,
    object: "rerank",
    model: "bm25",
    results: [{ index: 1, relevance_score: 3.4269, document: {} }],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    meta: exampleMeta,
  },
};
