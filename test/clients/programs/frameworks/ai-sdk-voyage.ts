import { createVoyage } from "@ai-sdk/voyage";

import { aiSdkClient } from "./ai-sdk.ts";

export const client = aiSdkClient("@ai-sdk/voyage", "/voyage/v1", (baseURL, { key, model }) =>
  createVoyage({ baseURL, apiKey: key }).reranking(model),
);
