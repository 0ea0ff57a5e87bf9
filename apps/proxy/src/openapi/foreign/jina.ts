import * as v from "valibot";

import { type JinaRequest, type JinaResponse, jina as format, jinaRequest } from "../../formats/foreign/jina.ts";
import { exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { count, foreignMeta, results } from "./foreign-response.ts";

const fields = {
  model: commonFields.model,
  query: commonFields.query,
  documents: commonFields.documents,
  top_n: commonFields.topN,
  return_documents: commonFields.returnDocuments,
} as const satisfies Record<keyof JinaRequest, string>;

const response: v.GenericSchema<JinaResponse> = v.object({
  model: v.string(),
  object: v.literal("list"),
  usage: v.object({ prompt_tokens: count, total_tokens: count }),
  results,
  meta: foreignMeta,
});

export const jina: ForeignDescription = {
  format,
  label: "Jina AI",
  description: "The base URL of a client of Jina AI is `<this proxy>/jina/v1`.",
  request: jinaRequest,
  fields,
  response,
  exampleRequest: { model: "bm25", query: exampleQuery, documents: exampleDocuments, top_n: 1 },
  exampleResponse: {
    model: "bm25",
    object: "list",
    usage: { prompt_tokens: 0, total_tokens: 0 },
    results: [{ index: 1, relevance_score: 3.4269 }],
    meta: exampleMeta,
  },
};
