import * as v from "valibot";

import {
  type VllmScoreRequest,
  type VllmScoreResponse,
  vllmScore as format,
  vllmScoreRequest,
} from "../../formats/foreign/vllm-score.ts";
import { exampleCallId, exampleDocuments, exampleMeta, exampleQuery } from "../examples.ts";
import { type ForeignDescription, commonFields } from "./foreign-description.ts";
import { askedFields, count, foreignMeta, position, tokenUsage } from "./foreign-response.ts";

const fields = {
  model: commonFields.firstModel,
  text_1: "The text that the others are compared with, or a list of it alone.",
  text_2: "The others.",
} as const satisfies Record<keyof VllmScoreRequest, string>;

const response: v.GenericSchema<VllmScoreResponse> = v.object({
  id: v.string(),
  object: v.literal("list"),
  created: v.pipe(count, v.description("Unix time in seconds.")),
  model: v.string(),
  data: v.array(v.object({ index: position, ...askedFields, object: v.literal("score"), score: v.number() })),
  usage: tokenUsage,
  meta: foreignMeta,
});

export const vllmScore: ForeignDescription = {
  format,
  label: "vLLM's /score",
  description: "Scores in the order of the texts, for clients of vLLM.",
  request: vllmScoreRequest,
  fields,
  response,
  exampleRequest: { model: "bm25", text_1: exampleQuery, text_2: exampleDocuments },
  exampleResponse: {
    id: exampleCallId,
    object: "list",
    created: 1_677_610_602,
    model: "bm25",
    data: [
      { index: 0, object: "score", score: 2.1875 },
      { index: 1, object: "score", score: 3.4269 },
    ],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    meta: exampleMeta,
  },
};
