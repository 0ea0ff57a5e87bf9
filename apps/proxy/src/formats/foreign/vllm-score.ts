import type { DheeraError, RerankResponse } from "@dheera-ai/core";
import { modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { type ErrorBody, errorBody } from "../error-body.ts";
import { invalidField, modelOr, readFields } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";
import { inTheirWords } from "./in-their-words.ts";
import { type Ranked, ranked } from "./ranked.ts";
import { type CountedTokens, type ForeignMeta, countedTokens } from "./usage.ts";

/** vLLM's scores of one text and one or more others, in the order in which they were sent. */
export const vllmScore: ForeignFormat = {
  path: "/score",
  aliases: ["/v1/score"],
  read,
  error: (error: DheeraError, id: string): ErrorBody =>
    errorBody(inTheirWords(error, { query: "text_1", documents: "text_2" }), id),
};

export interface VllmScoreRequest {
  readonly model?: string | null;
  readonly text_1: string | readonly unknown[];
  readonly text_2: string | readonly unknown[];
}

/** A list may hold what its server takes from all clients: one text, for all of the other list. */
const one = v.union(
  [
    querySchema,
    v.pipe(
      v.custom<readonly unknown[]>(isSingle, "must be one text, or a list with one text"),
      v.metadata({ type: "array", minItems: 1, maxItems: 1, items: { type: "string", minLength: 1 } }),
    ),
  ],
  "must be one text: pairs of several texts are requests of their own",
);

/** As with documents, the texts are checked by themselves. */
const others = v.union(
  [
    v.string(),
    v.pipe(
      v.custom<readonly unknown[]>(Array.isArray, "must be a text or a list of texts"),
      v.minLength(1, "must hold at least one text"),
      v.metadata({ type: "array", minItems: 1, items: { type: "string" } }),
    ),
  ],
  "must be a text or a list with at least one text",
);

export const vllmScoreRequest: v.GenericSchema<unknown, VllmScoreRequest> = v.looseObject(
  { model: v.nullish(modelSchema), text_1: one, text_2: others },
  "the body must be a JSON object with text_1 and text_2",
);

export interface VllmScoreResponse {
  readonly id: string;
  readonly object: "list";
  /** Unix time in seconds. */
  readonly created: number;
  readonly model: string;
  readonly data: readonly (Ranked & { readonly object: "score"; readonly score: number })[];
  readonly usage: CountedTokens["tokens"];
  readonly meta: ForeignMeta;
}

function isSingle(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length === 1;
}

function read(body: unknown, firstModel: () => string | undefined): RequestFormat {
  const { text_1: first, text_2: second, ...request } = readFields(vllmScoreRequest, body);
  const [query] = typeof first === "string" ? [first] : first.map((text) => textOf(text, "text_1"));
  const documents = typeof second === "string" ? [second] : second.map((text, index) => textOf(text, "text_2", index));
  return {
    request: { ...request, model: modelOr(request.model, firstModel()), query: query ?? "", documents },
    answer,
  };
}

function textOf(value: unknown, list: string, index = 0): string {
  if (typeof value === "string") return value;
  throw invalidField(`${list}[${index}]`, "must be a text");
}

function answer(response: RerankResponse): VllmScoreResponse {
  const { tokens, meta } = countedTokens(response);
  const { id, model, results } = response;
  return {
    id,
    object: "list",
    created: Math.floor(Date.now() / 1000),
    model,
    data: results
      .toSorted((a, b) => a.index - b.index)
      .map((result) => ranked(result, { object: "score", score: result.relevance_score })),
    usage: tokens,
    meta,
  };
}
