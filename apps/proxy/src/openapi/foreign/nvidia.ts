import * as v from "valibot";

import {
  type NvidiaRequest,
  type NvidiaResponse,
  nvidia as format,
  nvidiaRequest,
} from "../../formats/foreign/nvidia.ts";
import { exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { askedFields, count, foreignMeta, position } from "./foreign-response.ts";

const fields = {
  model: commonFields.model,
  query: "An object with the `text` that passages are compared with.",
  passages: "What is ranked: objects with a `text`. Images are refused.",
  truncate: "`END` cuts what is too long, `NONE` refuses it. Default END.",
} as const satisfies Record<keyof NvidiaRequest, string>;

const response: v.GenericSchema<NvidiaResponse> = v.object({
  rankings: v.array(
    v.object({
      index: position,
      ...askedFields,
      logit: v.pipe(
        v.number(),
        v.description("A logit where the model can give one; `meta.score_kind` says what it is."),
      ),
    }),
  ),
  usage: v.object({ prompt_tokens: count, total_tokens: count }),
  meta: foreignMeta,
});

export const nvidia: ForeignDescription = {
  format,
  label: "NVIDIA's reranking NIM",
  description: "The base URL of a client of a NIM is `<this proxy>/nvidia/v1`.",
  request: nvidiaRequest,
  fields,
  response,
  exampleRequest: {
    model: "bm25",
    query: { text: exampleQuery },
    passages: exampleDocuments.map((text) => ({ text })),
    truncate: "END",
  },
  exampleResponse: {
    rankings: [
      { index: 1, logit: 3.4269 },
      { index: 0, logit: 2.1875 },
    ],
    usage: { prompt_tokens: 0, total_tokens: 0 },
    meta: exampleMeta,
  },
};
