import * as v from "valibot";

import {
  type MixedbreadRequest,
  type MixedbreadResponse,
  mixedbread as format,
  mixedbreadRequest,
} from "../../formats/foreign/mixedbread.ts";
import { exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { askedFields, count, foreignMeta, position, sentDocument, tokenUsage } from "./foreign-response.ts";

const fields = {
  model: commonFields.firstModel,
  query: commonFields.query,
  input: commonFields.documents,
  top_k: commonFields.topN,
  rank_fields: commonFields.rankFields,
  return_input: commonFields.returnDocuments,
  rewrite_query: "Only false: queries are not rewritten here.",
} as const satisfies Record<keyof MixedbreadRequest, string>;

const response: v.GenericSchema<MixedbreadResponse> = v.object({
  object: v.literal("list"),
  model: v.string(),
  data: v.array(
    v.object({
      object: v.literal("rank_result"),
      index: position,
      ...askedFields,
      score: v.number(),
      input: v.optional(sentDocument),
    }),
  ),
  usage: tokenUsage,
  top_k: v.pipe(count, v.description("How many results there are.")),
  return_input: v.boolean(),
  meta: foreignMeta,
});

export const mixedbread: ForeignDescription = {
  format,
  label: "Mixedbread",
  description: "The base URL of a client of Mixedbread is `<this proxy>/mixedbread`.",
  request: mixedbreadRequest,
  fields,
  response,
  exampleRequest: { model: "bm25", query: exampleQuery, input: exampleDocuments, top_k: 1 },
  exampleResponse: {
    object: "list",
    model: "bm25",
    data: [{ object: "rank_result", index: 1, score: 3.4269 }],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    top_k: 1,
    return_input: false,
    meta: exampleMeta,
  },
};
