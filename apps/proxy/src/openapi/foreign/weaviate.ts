import * as v from "valibot";

import {
  type WeaviateErrorBody,
  type WeaviateRequest,
  type WeaviateResponse,
  weaviate as format,
  weaviateRequest,
} from "../../formats/search-engines/weaviate.ts";
import { exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { errorBody } from "../response-schemas.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { askedFields, count, foreignMeta, position, sentDocument } from "./foreign-response.ts";

const fields = {
  model: commonFields.firstModel,
  query: commonFields.query,
  documents: commonFields.documents,
  property: "What Weaviate sends beside them; it comes back.",
} as const satisfies Record<keyof WeaviateRequest, string>;

const response: v.GenericSchema<WeaviateResponse> = v.object({
  query: v.string(),
  property: v.string(),
  scores: v.pipe(
    v.array(v.object({ index: position, ...askedFields, document: sentDocument, score: v.number() })),
    v.description("In the order of the documents, because Weaviate reads them by their position."),
  ),
  model: v.string(),
  usage: v.object({ prompt_tokens: count, total_tokens: count }),
  meta: foreignMeta,
});

const { error: inner, ...errorEntries } = errorBody.entries;
const { type, code, param } = inner.entries;
const error: v.GenericSchema<WeaviateErrorBody> = v.object({
  ...errorEntries,
  error: v.pipe(v.string(), v.description("The message again.")),
  type,
  code,
  param,
});

export const weaviate: ForeignDescription = {
  format,
  label: "Weaviate's inference container",
  description:
    "For Weaviate's module `reranker-transformers`: `RERANKER_INFERENCE_API` is `<this proxy>/weaviate`, with a key as the password in it. `reranker-cohere` and `reranker-nvidia` use the routes of Cohere and NVIDIA.",
  request: weaviateRequest,
  fields,
  response,
  error,
  exampleRequest: { query: exampleQuery, documents: exampleDocuments, property: "" },
  exampleResponse: {
    query: exampleQuery,
    property: "",
    scores: [
      { index: 0, document: exampleDocuments[0], score: 2.1875 },
      { index: 1, document: exampleDocuments[1], score: 3.4269 },
    ],
    model: "bm25",
    usage: { prompt_tokens: 0, total_tokens: 0 },
    meta: exampleMeta,
  },
};
