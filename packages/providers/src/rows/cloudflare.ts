import { type DefinedRow, defineRow } from "../engine/define-row.ts";

export const cloudflare: DefinedRow = defineRow({
  name: "cloudflare",
  label: "Cloudflare Workers AI",
  api_base: "https://api.cloudflare.com/client/v4",
  api_base_env: ["CLOUDFLARE_API_BASE"],
  api_key_env: ["CLOUDFLARE_API_KEY"],
  path: "/accounts/{account_id}/ai/run/{model}",
  path_parameters: { account_id: ["CLOUDFLARE_ACCOUNT_ID"] },
  request: { model: null, documents: "contexts", document_form: "object", top_n: "top_k" },
  response: { results: "result.response", index: "id", score: "score" },
  score_kind: "unknown",
  billing: "per-token",
  models: [{ match: "@cf/baai/bge-reranker-base" }],
  documentation: {
    page: "https://developers.cloudflare.com/workers-ai/",
    quirks: [
      "the account is `account_id` of the deployment, or CLOUDFLARE_ACCOUNT_ID",
      "answers do not say what was billed",
    ],
    unverified: ["how many documents a call may have", "what the scores are: probably logits"],
  },
});
