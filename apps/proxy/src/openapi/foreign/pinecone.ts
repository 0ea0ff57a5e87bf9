import * as v from "valibot";

import {
  type PineconeRequest,
  type PineconeResponse,
  pinecone as format,
  pineconeRequest,
} from "../../formats/foreign/pinecone.ts";
import { exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { askedFields, count, documentRecord, foreignMeta, position } from "./foreign-response.ts";
import { errorBody } from "../response-schemas.ts";

const fields = {
  model: commonFields.model,
  query: commonFields.query,
  documents: commonFields.documents,
  top_n: commonFields.topN,
  return_documents: "Echo each document in its result. Default true, as at Pinecone.",
  rank_fields: commonFields.rankFields,
  parameters:
    "`truncate`: `END` cuts what is too long, `NONE` refuses it. Other fields of `POST /rerank` may stand here too.",
} as const satisfies Record<keyof PineconeRequest, string>;

const response: v.GenericSchema<PineconeResponse> = v.object({
  model: v.string(),
  data: v.array(v.object({ index: position, ...askedFields, score: v.number(), document: v.optional(documentRecord) })),
  usage: v.object({
    rerank_units: v.pipe(count, v.description("Search units that the upstream billed.")),
  }),
  meta: foreignMeta,
});

export const pinecone: ForeignDescription = {
  format,
  label: "Pinecone",
  description:
    "The controller host of a client of Pinecone is `<this proxy>/pinecone`. The key may stand in `Api-Key`.",
  request: pineconeRequest,
  fields,
  response,
  error: v.object({ ...errorBody.entries, status: v.pipe(count, v.description("The status of the answer.")) }),
  exampleRequest: {
    model: "bm25",
    query: exampleQuery,
    documents: exampleDocuments.map((text) => ({ text })),
    top_n: 1,
    return_documents: false,
    rank_fields: ["text"],
    parameters: { truncate: "END" },
  },
  exampleResponse: {
    model: "bm25",
    data: [{ index: 1, score: 3.4269 }],
    usage: { rerank_units: 0 },
    meta: { ...exampleMeta, usage_unknown: true },
  },
};
