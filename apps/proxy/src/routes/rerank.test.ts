import { describe, expect, it } from "vitest";

import { startProxy } from "../fixtures/start-proxy.ts";
import { startUpstream } from "../fixtures/start-upstream.ts";

describe("POST /rerank, /v1/rerank and /v2/rerank", () => {
  it.each(["/rerank", "/v1/rerank", "/v2/rerank"])("%s ranks documents through a server that is configured", async (path) => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: teiConfig(upstream.url) });

    const response = await proxy.post(path, { model: "bge", query: "q", documents: ["0.1 a", "0.9 b", "0.5 c"], top_n: 2 });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      object: "list",
      model: "bge",
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 2, relevance_score: 0.5 },
      ],
      meta: {
        api_version: { version: "2", is_experimental: false },
        billed_units: { search_units: 1 },
        tokens: { input_tokens: 30, output_tokens: 0 },
        score_kind: "probability",
      },
      usage: { prompt_tokens: 30, total_tokens: 30 },
    });
  });
});

function teiConfig(url: string): string {
  return `
    model_list:
      - model_name: bge
        dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${url}" }
  `;
}
