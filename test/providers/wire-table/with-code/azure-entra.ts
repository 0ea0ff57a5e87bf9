import { expect } from "vitest";

import { bearerOf, documents, query, results, type WireTable } from "../wire-case.ts";

const base = "https://mine.services.ai.azure.com";
const tenant = "11111111-2222-3333-4444-555555555555";

/** Microsoft's library adds facts of itself to the form. */
function exchangeOf(scope: string) {
  return {
    sent: {
      method: "POST",
      url: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded;charset=utf-8" },
      body: expect.stringMatching(
        new RegExp(
          `^client_id=app&scope=${encodeURIComponent(scope)}.*&grant_type=client_credentials&.*client_secret=s3cret`,
        ),
      ),
    },
    answer: { access_token: "entra", expires_in: 3599, token_type: "Bearer" },
  };
}

const cognitive = "https://cognitiveservices.azure.com/.default";

/** Azure AI Foundry with a token of Microsoft Entra; with a key it is a row. */
export const azureEntra: WireTable = {
  provider: "azure_ai with Microsoft Entra",
  headers: bearerOf("entra"),
  body: { model: "cohere-rerank-v4.0-pro", query, documents },
  answer: { id: "1", results, meta: { billed_units: { search_units: 1 } } },
  cases: [
    {
      entry: `{ model: azure_ai/cohere-rerank-v4.0-pro, api_base: "${base}", tenant_id: "${tenant}", client_id: app, client_secret: os.environ/SECRET }`,
      environment: { SECRET: "s3cret" },
      before: [exchangeOf(cognitive)],
      url: `${base}/providers/cohere/v2/rerank`,
    },
    {
      entry: "{ model: azure_ai/cohere-rerank-v4.0-pro }",
      environment: {
        AZURE_AI_API_BASE: base,
        AZURE_TENANT_ID: tenant,
        AZURE_CLIENT_ID: "app",
        AZURE_CLIENT_SECRET: "s3cret",
        AZURE_SCOPE: "https://ml.azure.com/.default",
      },
      before: [exchangeOf("https://ml.azure.com/.default")],
      url: `${base}/providers/cohere/v2/rerank`,
    },
    {
      entry: `{ model: azure_ai/cohere-rerank-v4.0-pro, api_base: "https://mine.eastus.models.ai.azure.com", azure_ad_token: os.environ/KEY }`,
      url: "https://mine.eastus.models.ai.azure.com/v1/rerank",
      headers: bearerOf("key"),
    },
    {
      entry: `{ model: azure_ai/cohere-rerank-v4.0-pro, api_base: "${base}", api_key: os.environ/KEY, tenant_id: "${tenant}" }`,
      url: `${base}/providers/cohere/v2/rerank`,
      headers: bearerOf("key"),
    },
  ],
};
