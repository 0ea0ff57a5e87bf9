import type { DheeraError, DocumentRecord, RerankDocument, RerankResponse } from "@dheera-ai/core";
import {
  countSchema,
  documentsSchema,
  flagSchema,
  modelSchema,
  querySchema,
  rankFieldsSchema,
} from "@dheera-ai/core/request-schema";
import * as v from "valibot";

import { type ErrorBody, errorBody } from "../error-body.ts";
import { readFields, refuseList } from "../read-fields.ts";
import type { ForeignFormat, RequestFormat } from "../request-format.ts";
import { type Ranked, ranked } from "./ranked.ts";
import type { ForeignMeta } from "./usage.ts";

/** Pinecone's inference API: what is special to a model stands in `parameters`, the ranking in `data`. */
export const pinecone: ForeignFormat = {
  path: "/pinecone/rerank",
  aliases: [],
  read,
  error: (error: DheeraError, id: string): PineconeErrorBody => ({ ...errorBody(error, id), status: error.status }),
};

export interface PineconeRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly RerankDocument[];
  readonly top_n?: number | null;
  readonly return_documents?: boolean | null;
  readonly rank_fields?: readonly string[] | null;
  readonly parameters?: { readonly truncate?: "END" | "NONE" | null } | null;
}

export const pineconeRequest: v.GenericSchema<unknown, PineconeRequest> = v.looseObject(
  {
    model: modelSchema,
    query: querySchema,
    documents: documentsSchema,
    top_n: v.nullish(countSchema),
    return_documents: v.nullish(flagSchema),
    rank_fields: v.nullish(rankFieldsSchema),
    parameters: v.nullish(
      v.looseObject(
        { truncate: v.nullish(v.picklist(["END", "NONE"], "must be END or NONE")) },
        "must be an object such as { truncate: END }",
      ),
    ),
  },
  "the body must be a JSON object with model, query and documents",
);

export interface PineconeResponse {
  readonly model: string;
  readonly data: readonly (Ranked & { readonly score: number; readonly document?: DocumentRecord })[];
  readonly usage: { readonly rerank_units: number };
  readonly meta: ForeignMeta;
}

export interface PineconeErrorBody extends ErrorBody {
  readonly status: number;
}

function read(body: unknown): RequestFormat {
  const { parameters, ...request } = readFields(pineconeRequest, body);
  refuseList(body, "parameters");
  // Pinecone echoes documents unless it is told not to.
  const returnsDocuments = request.return_documents ?? true;
  return { request: { ...parameters, ...request, return_documents: returnsDocuments }, answer };
}

function answer({ model, results, meta }: RerankResponse): PineconeResponse {
  const units = meta.billed_units.search_units;
  return {
    model,
    data: results.map((result) => {
      const { relevance_score: score, document } = result;
      return ranked(result, document === undefined ? { score } : { score, document });
    }),
    usage: { rerank_units: units ?? 0 },
    meta: units === undefined ? { ...meta, usage_unknown: true } : meta,
  };
}
