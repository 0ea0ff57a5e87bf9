import type { DheeraError, RerankResponse } from "@dheera-ai/core";
import { modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { type ErrorBody, errorBody } from "../error-body.ts";
import { invalidField, readFields } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";
import { inTheirWords } from "./in-their-words.ts";
import { type Ranked, ranked } from "./ranked.ts";
import { type ForeignMeta, countedTokens } from "./usage.ts";

/** The API of NVIDIA's reranking NIM: texts within objects, and logits in `rankings`. */
export const nvidia: ForeignFormat = {
  path: "/nvidia/v1/ranking",
  aliases: [
    "/nvidia/ranking",
    "/v1/ranking",
    "/ranking",
    // Where NVIDIA hosts them, each model has an address; the body names it as well.
    "/nvidia/v1/retrieval/:organization/reranking",
    "/nvidia/v1/retrieval/:organization/:model/reranking",
  ],
  read,
  error: (error: DheeraError, id: string): ErrorBody => errorBody(inTheirWords(error, { documents: "passages" }), id),
};

export interface NvidiaRequest {
  readonly model: string;
  readonly query: { readonly text: string };
  readonly passages: readonly unknown[];
  readonly truncate?: "NONE" | "END" | null;
}

/** Only the list is checked here, because a schema would report each passage by itself; `textOf` checks one. */
const passages = v.pipe(
  v.custom<readonly unknown[]>(Array.isArray, "must be a list of objects with a text"),
  v.minLength(1, "must hold at least one passage"),
  v.metadata({
    type: "array",
    minItems: 1,
    items: {
      type: "object",
      properties: { text: { type: "string" }, image: { type: "null" } },
      required: ["text"],
      additionalProperties: true,
    },
  }),
);

export const nvidiaRequest: v.GenericSchema<unknown, NvidiaRequest> = v.looseObject(
  {
    model: modelSchema,
    query: v.looseObject({ text: querySchema }, "must be an object with a text"),
    passages,
    truncate: v.nullish(v.picklist(["NONE", "END"], "must be NONE or END")),
  },
  "the body must be a JSON object with model, query and passages",
);

export interface NvidiaResponse {
  readonly rankings: readonly (Ranked & { readonly logit: number })[];
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  readonly meta: ForeignMeta;
}

function read(body: unknown): RequestFormat {
  const { query, passages: sent, ...request } = readFields(nvidiaRequest, body);
  return {
    // Its scores are logits: the caller gets them where the model here can give them.
    request: { raw_scores: true, ...request, query: query.text, documents: sent.map(textOf) },
    answer,
  };
}

function textOf(passage: unknown, index: number): string {
  if (typeof passage === "object" && passage !== null && "text" in passage) {
    if ("image" in passage && passage.image != null)
      throw invalidField(`passages[${index}].image`, "cannot be ranked here; send the passage as text");
    if (typeof passage.text === "string") return passage.text;
  }
  throw invalidField(`passages[${index}]`, "must be an object with a text");
}

function answer(response: RerankResponse): NvidiaResponse {
  const { tokens, meta } = countedTokens(response);
  const { prompt_tokens, total_tokens } = tokens;
  return {
    rankings: response.results.map((result) => ranked(result, { logit: result.relevance_score })),
    usage: { prompt_tokens, total_tokens },
    meta,
  };
}
