import { DheeraError, type ScoreCall } from "@dheera-ai/core";

import { type DefinedRow, defineRow } from "../engine/define-row.ts";
import { readDheeraMeta } from "../engine/chained/dheera-meta.ts";
import { everyParameter } from "../engine/chained/every-parameter.ts";

const asOf = { date: "2026-11-25", source: "LiteLLM's price map 1.110.2" };
const long = { limits: { tokens_per_document: 32_768 } };
const rerank5 = { billing: "per-token", request: { relevant_spans: "relevant_spans" }, ...long } as const;

/** Cohere's own API and, at any other address, every server that answers `POST …/rerank` in its shape. */
export const cohereRow: DefinedRow = defineRow(
  {
    name: "cohere",
    label: "Cohere",
    api_base: "https://api.cohere.com",
    api_base_env: ["COHERE_API_BASE"],
    hosts: ["api.cohere.ai"],
    api_key_env: ["COHERE_API_KEY", "CO_API_KEY"],
    path: "/v2/rerank",
    request: { max_tokens_per_document: "max_tokens_per_doc" },
    response: { details: ["relevant_spans"] },
    score_kind: "probability",
    billing: "per-search",
    limits: { documents_per_call: 10_000, tokens_per_document: 4_096 },
    models: [
      { match: "rerank-v5.0-pro", ...rerank5, price: { per_million_tokens: 0.05, ...asOf } },
      { match: "rerank-v5.0-fast", ...rerank5, price: { per_million_tokens: 0.02, ...asOf } },
      { match: "rerank-v5*", ...rerank5 },
      { match: "rerank-v4.0-pro", ...long, price: { per_search: 0.0025, ...asOf } },
      { match: "rerank-v4.0-fast", ...long, price: { per_search: 0.002, ...asOf } },
      { match: "rerank-v4*", ...long },
      { match: "rerank-v3.5", price: { per_search: 0.002, ...asOf } },
      { match: "rerank-english-v3.0", price: { per_search: 0.002, ...asOf } },
      { match: "rerank-multilingual-v3.0", price: { per_search: 0.002, ...asOf } },
    ],
    // A server of one's own: a call costs nothing but its time, so replicas share a large request.
    elsewhere: {
      label: "the server",
      // Some servers have one of these only.
      other_paths: ["/v1/rerank", "/rerank"],
      request: everyParameter,
      response: { details: ["relevant_spans"] },
      score_kind: "unknown",
      billing: "compute",
      limits: { documents_per_call: 10_000 },
    },
    documentation: {
      page: "https://docs.cohere.com/reference/rerank",
      quirks: [
        "`provider_options: { cohere: { priority: 7 } }` is Cohere's own priority, from 0 (first) to 999",
        "Rerank 5 is billed by the token, older models by the search: one for each 100 documents begun",
        "relevant_spans are those of Rerank 5",
      ],
      unverified: ["that Rerank 5's tokens are billed_units.input_tokens"],
    },
  },
  { options: priorityField, read: (answer, result) => readDheeraMeta(answer, result, "cohere") },
);

/** Cohere's only option beside the common parameters: from 0, the default and most urgent, to 999. */
function priorityField(options: ScoreCall["providerOptions"]): Readonly<Record<string, unknown>> {
  for (const [name, value] of Object.entries(options)) {
    const isPriority = name === "priority";
    if (isPriority && typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 999) continue;
    const param = `provider_options.cohere.${name}`;
    const problem = isPriority ? "must be a whole number from 0 to 999" : "is not known; there is priority";
    throw new DheeraError("invalid_request", `${param} ${problem}`, { param, provider: "cohere" });
  }
  return options;
}
