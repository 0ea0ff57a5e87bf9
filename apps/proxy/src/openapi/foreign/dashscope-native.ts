import * as v from "valibot";

import {
  type DashscopeNativeRequest,
  type DashscopeNativeResponse,
  dashscopeNative as format,
  dashscopeNativeRequest,
} from "../../formats/foreign/dashscope-native.ts";
import { exampleCallId, exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { count, dashscopeError, foreignMeta, results } from "./foreign-response.ts";

const fields = {
  model: commonFields.model,
  input: "`query`: the text that documents are compared with. `documents`: what is ranked.",
  parameters:
    "`top_n`: how many results to return. `return_documents`: echo each document. `instruct`: what “relevant” means. Other fields of `POST /rerank` may stand here too.",
} as const satisfies Record<keyof DashscopeNativeRequest, string>;

const response: v.GenericSchema<DashscopeNativeResponse> = v.object({
  output: v.object({
    results,
  }),
  usage: v.object({ total_tokens: count }),
  request_id: v.string(),
  meta: foreignMeta,
});

export const dashscopeNative: ForeignDescription = {
  format,
  label: "DashScope's SDK",
  description: "The base URL of DashScope's SDK (`base_http_api_url`) is `<this proxy>/dashscope/api/v1`.",
  request: dashscopeNativeRequest,
  fields,
  response,
  error: dashscopeError,
  exampleRequest: {
    model: "bm25",
    input: { query: exampleQuery, documents: exampleDocuments },
    parameters: { top_n: 1 },
  },
  exampleResponse: {
    output: { results: [{ index: 1, relevance_score: 3.4269 }] },
    usage: { total_tokens: 0 },
    request_id: exampleCallId,
    meta: exampleMeta,
  },
};
