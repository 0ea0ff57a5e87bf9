import type { DheeraError, RerankDocument, RerankResponse } from "@dheera-ai/core";
import { countSchema, documentsSchema, flagSchema, modelSchema, querySchema } from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { readFields, refuseList } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";
import { type DashscopeErrorBody, dashscopeErrorBody } from "./dashscope.ts";
import { inTheirWords } from "./in-their-words.ts";
import { type ForeignMeta, countedTokens } from "./usage.ts";

/** DashScope's own API, as its SDK speaks it: what is asked in `input`, how in `parameters`, the ranking in `output`. */
export const dashscopeNative: ForeignFormat = {
  path: "/dashscope/api/v1/services/rerank/text-rerank/text-rerank",
  aliases: ["/dashscope/services/rerank/text-rerank/text-rerank"],
  read,
  error: (error: DheeraError, id: string): DashscopeErrorBody =>
    dashscopeErrorBody(inTheirWords(error, theirNames), id),
};

const theirNames = {
  query: "input.query",
  documents: "input.documents",
  top_n: "parameters.top_n",
  return_documents: "parameters.return_documents",
  instruction: "parameters.instruct",
} as const;

export interface DashscopeNativeRequest {
  readonly model: string;
  readonly input: { readonly query: string; readonly documents: readonly RerankDocument[] };
  readonly parameters?: {
    readonly top_n?: number | null;
    readonly return_documents?: boolean | null;
    readonly instruct?: string | null;
  } | null;
}

export const dashscopeNativeRequest: v.GenericSchema<unknown, DashscopeNativeRequest> = v.looseObject(
  {
    model: modelSchema,
    input: v.looseObject(
      { query: querySchema, documents: documentsSchema },
      "must be an object with query and documents",
    ),
    parameters: v.nullish(
      v.looseObject(
        {
          top_n: v.nullish(countSchema),
          return_documents: v.nullish(flagSchema),
          instruct: v.nullish(v.string("must be a text")),
        },
        "must be an object such as { top_n: 3 }",
      ),
    ),
  },
  "the body must be a JSON object with model and input",
);

export interface DashscopeNativeResponse {
  readonly output: Pick<RerankResponse, "results">;
  readonly usage: { readonly total_tokens: number };
  readonly request_id: string;
  readonly meta: ForeignMeta;
}

function read(body: unknown): RequestFormat {
  const { input, parameters, ...request } = readFields(dashscopeNativeRequest, body);
  refuseList(body, "parameters");
  const { query, documents } = input;
  const { instruct: instruction, ...asked } = parameters ?? {};
  return { request: { instruction, ...asked, ...request, query, documents }, answer };
}

function answer(response: RerankResponse): DashscopeNativeResponse {
  const { tokens, meta } = countedTokens(response);
  const { id, results } = response;
  return { output: { results }, usage: { total_tokens: tokens.total_tokens }, request_id: id, meta };
}
