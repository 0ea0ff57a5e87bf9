import { type DefinedRow, defineRow } from "../engine/define-row.ts";

const dated = { date: "2026-11-25", source: "LiteLLM's price map 1.110.2" };
const limits = { tokens_per_document: 32_768 };

export const azureAi: DefinedRow = defineRow({
  name: "azure_ai",
  label: "Azure AI Foundry",
  api_base_env: ["AZURE_AI_API_BASE"],
  hosts: ["*.services.ai.azure.com", "*.models.ai.azure.com"],
  api_key_env: ["AZURE_AI_API_KEY"],
  path: "/v1/rerank",
  path_by_host: { "*.services.ai.azure.com": "/providers/cohere/v2/rerank" },
  request: { max_tokens_per_document: "max_tokens_per_doc" },
  score_kind: "probability",
  billing: "per-search",
  limits: { documents_per_call: 10_000 },
  models: [
    { match: "cohere-rerank-v5-pro", billing: "per-token", limits, price: { per_million_tokens: 0.05, ...dated } },
    { match: "cohere-rerank-v5-fast", billing: "per-token", limits, price: { per_million_tokens: 0.02, ...dated } },
    { match: "cohere-rerank-v4.0-pro", limits, price: { per_search: 0.0025, ...dated } },
    { match: "cohere-rerank-v4.0-fast", limits, price: { per_search: 0.002, ...dated } },
  ],
  documentation: {
    page: "https://learn.microsoft.com/azure/ai-foundry/",
    quirks: [
      "the model is the name of your deployment; prices are known for deployments that have the name of their model",
      "cohere-rerank-v4.0-pro and -fast retire on 2027-09-13",
      "a token of Microsoft Entra takes the place of a key (`tenant_id`, `client_id` and `client_secret`, `azure_ad_token`, or `azure_credential: ManagedIdentityCredential`) with `npm install @dheera-ai/azure`, see [its page](../../packages/azure/README.md)",
    ],
    unverified: [
      "which `azure_scope` each kind of endpoint takes: the default is `https://cognitiveservices.azure.com/.default`, and `*.models.ai.azure.com` may want `https://ml.azure.com/.default`",
    ],
  },
});
