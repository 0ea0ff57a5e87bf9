import { expect, it } from "vitest";

import { sendJson, startUpstream } from "../fixtures/start-upstream.ts";
import { startProxy } from "../fixtures/start-proxy.ts";

it.each([
  [401, "unauthenticated", 502, "provider_auth"],
  [404, "model_not_found", 502, "provider_failed"],
  [429, "rate_limited", 429, "provider_rate_limited"],
])(
  "what a proxy behind this one says of our key is none of our caller's: %d %s",
  async (status, code, answered, answeredCode) => {
    const message = "as the proxy behind says it";
    const error = { id: "call-1", message, detail: message, error: { message, type: "t", code, param: null } };
    await using upstream = await startUpstream(({ outgoing }) => sendJson(outgoing, error, {}, status));
    await using proxy = await startProxy({
      yaml: `model_list: [{ model_name: bge, dheera_ai_params: { model: dheera_ai/bge, api_base: "${upstream.url}", api_key: sk-upstream, max_retries: 0 } }]`,
    });
    const response = await proxy.post("/v1/rerank", { model: "bge", query: "q", documents: ["a"] });
    expect(response.status).toBe(answered);
    expect(await response.json()).toMatchObject({
      message: expect.stringContaining(message),
      error: { code: answeredCode },
    });
  },
);
