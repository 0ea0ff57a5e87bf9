import * as v from "valibot";

import {
  type DashscopeRequest,
  type DashscopeResponse,
  dashscope as format,
  dashscopeRequest,
} from "../../formats/foreign/dashscope.ts";
import { exampleCallId, exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { count, dashscopeError, foreignMeta, results } from "./foreign-response.ts";

const fields = {
  model: commonFields.model,
  query: commonFields.query,
  documents: commonFields.documents,
  top_n: commonFields.topN,
  return_documents: commonFields.returnDocuments,
  instruct: "What “relevant” means, for models that follow instructions.",
} as const satisfies Record<keyof DashscopeRequest, string>;

const response: v.GenericSchema<DashscopeResponse> = v.object({
  object: v.literal("list"),
  id: v.string(),
  model: v.string(),
  results,
  usage: v.object({ total_tokens: count }),
  meta: foreignMeta,
});

export const dashscope: ForeignDescription = {
  format,
  label: "DashScope",
  description: "The host of a client of DashScope's compatible API is `<this proxy>/dashscope`.",
  request: dashscopeRequest,
  fields,
  response,
  error: dashscopeError,
  exampleRequest: { model: "bm25", query: exampleQuery, documents: exampleDocuments, top_n: 1 },
  exampleResponse: {
    object: "list",
    id: exampleCallId,
    model: "bm25",
    results: [{ index: 1, relevance_score: 3.4269 }],
    usage: { total_tokens: 0 },
    meta: exampleMeta,
  },
};
