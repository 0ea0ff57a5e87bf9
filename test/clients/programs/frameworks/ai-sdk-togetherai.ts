import { createTogetherAI } from "@ai-sdk/togetherai";

import { aiSdkClient } from "./ai-sdk.ts";

export const client = aiSdkClient("@ai-sdk/togetherai", "/together/v1", (baseURL, { key, model }) =>
  createTogetherAI({ baseURL, apiKey: key }).reranking(model),
);
