import * as v from "valibot";

import {
  type VoyageErrorBody,
  type VoyageRequest,
  type VoyageResponse,
  voyage as format,
  voyageRequest,
} from "../../formats/foreign/voyage.ts";
import { exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { errorBody } from "../response-schemas.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { askedFields, count, foreignMeta, position, sentDocument } from "./foreign-response.ts";

const fields = {
  model: commonFields.model,
  query: commonFields.query,
  documents: commonFields.documents,
  top_k: commonFields.topN,
  truncation: "false: a document that is too long is refused instead of cut. Default true.",
  return_documents: commonFields.returnDocuments,
} as const satisfies Record<keyof VoyageRequest, string>;

const response: v.GenericSchema<VoyageResponse> = v.object({
  object: v.literal("list"),
  data: v.array(
    v.object({ index: position, ...askedFields, relevance_score: v.number(), document: v.optional(sentDocument) }),
  ),
  model: v.string(),
  usage: v.object({ total_tokens: count }),
  meta: foreignMeta,
});

const { error: _, ...errorEntries } = errorBody.entries;
const error: v.GenericSchema<VoyageErrorBody> = v.object(errorEntries);

export const voyage: ForeignDescription = {
  format,
  label: "Voyage AI",
  description: "The base URL of a client of Voyage AI is `<this proxy>/voyage/v1`.",
  request: voyageRequest,
  fields,
  response,
  error,
  exampleRequest: { model: "bm25", query: exampleQuery, documents: exampleDocuments, top_k: 1 },
  exampleResponse: {
    object: "list",
    data: [{ index: 1, relevance_score: 3.4269 }],
    model: "bm25",
    usage: { total_tokens: 0 },
    meta: exampleMeta,
  },
};
