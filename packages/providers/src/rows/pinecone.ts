import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const pinecone: DefinedRow = defineRow({
  name: "pinecone",
  label: "Pinecone",
  api_base: "https://api.pinecone.io",
  api_base_env: ["PINECONE_API_BASE"],
  api_key_env: ["PINECONE_API_KEY"],
  key_header: "api-key",
  headers: { "x-pinecone-api-version": "2026-07" },
  path: "/rerank",
  request: {
    document_form: "object",
    truncate: { field: "parameters.truncate", cut: "END", refuse: "NONE", always: true },
    constants: { return_documents: false },
  },
  response: { results: "data", score: "score", model: "model", search_units: ["usage.rerank_units"] },
  score_kind: "probability",
  billing: "per-search",
  limits: { documents_per_call: 100 },
  models: [
    { match: "bge-reranker-v2-m3", limits: { tokens_per_document: 1_024 } },
    { match: "pinecone-rerank-v0", limits: { tokens_per_document: 512 } },
    { match: "cohere-rerank-3.5", limits: { documents_per_call: 200, tokens_per_document: 4_096 } },
  ],
  documentation: {
    page: "https://docs.pinecone.io",
    quirks: ["answers name the model that served, and it may be another than was asked for: callers are warned then"],
    unverified: [
      "at most 100 documents a call (cohere-rerank-3.5: 200), and the tokens of each",
      "2 US dollars for 1,000 rerank units: no price is known to cost-based routing until `model_info` names one",
    ],
  },
});
