import { createCohere } from "@ai-sdk/cohere";

import { aiSdkClient } from "./ai-sdk.ts";

export const client = aiSdkClient("@ai-sdk/cohere", "/v2", (baseURL, { key, model }) =>
  createCohere({ baseURL, apiKey: key }).reranking(model),
);
