import * as core from "@dheera-ai/core";
import { withServer } from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import * as dheeraAi from "./index.ts";
import { rerank } from "./rerank.ts";

const query = "What is the capital of the United States?";
const documents = [
  "Carson City is the capital city of the American state of Nevada.",
  "The Commonwealth of the Northern Mariana Islands is a group of islands in the Pacific Ocean. Its capital is Saipan.",
  "Washington, D.C. is the capital of the United States.",
  "Capital punishment has existed in the United States since before it was a country.",
];

/** What its `/info` answers. */
const textEmbeddingsInference = {
  model_id: "BAAI/bge-reranker-base",
  model_type: { reranker: {} },
  version: "1.9.3",
  max_client_batch_size: 32,
};

describe("rerank", () => {
  test("ranks with the embedded model, with no server and no key", async () => {
    const { results, model } = await rerank({ model: "bm25/default", query, documents, top_n: 3 });
    expect(results.map(({ index }) => index)).toEqual([2, 3, 0]);
    expect(model).toBe("bm25/default");
  });

  test("calls a Hugging Face reranker at the address of api_base", async () => {
    const scores = [0.2, 0.1, 0.99, 0.3].map((score, index) => ({ index, score }));
    const { results, requests } = await withServer(
      ({ path }) => ({ body: path === "/info" ? textEmbeddingsInference : scores }),
      async (server) => {
        const response = await rerank({
          model: "huggingface/BAAI/bge-reranker-base",
          query,
          documents,
          top_n: 2,
          api_base: server.url,
          api_key: "key",
        });
        return { ...response, requests: server.requests };
      },
    );
    expect(results).toEqual([
      { index: 2, relevance_score: 0.99 },
      { index: 3, relevance_score: 0.3 },
    ]);
    expect(requests.at(-1)).toMatchObject({
      path: "/rerank",
      headers: { authorization: "Bearer key" },
      body: { texts: documents },
    });
  });

  test("requests any other model from the server at api_base, as from a Dheera AI proxy", async () => {
    const { results, requests } = await withServer(
      () => ({ body: { results: documents.map((_, index) => ({ index, relevance_score: index / 10 })) } }),
      async (server) => {
        const response = await rerank({
          model: "bge-reranker-base",
          query,
          documents,
          top_n: 1,
          api_base: server.url,
          api_key: "key",
        });
        return { ...response, requests: server.requests };
      },
    );
    expect(results).toEqual([{ index: 3, relevance_score: 0.3 }]);
    expect(requests).toMatchObject([
      { path: "/v2/rerank", headers: { authorization: "Bearer key" }, body: { model: "bge-reranker-base", documents } },
    ]);
  });

  test("keeps the slashes of a model name that does not begin with a provider", async () => {
    const body = await withServer(
      () => ({ body: { results: [{ index: 0, relevance_score: 1 }] } }),
      async (server) => {
        await rerank({ model: "BAAI/bge-reranker-base", query, documents: ["one"], api_base: server.url });
        return server.requests[0]?.body;
      },
    );
    expect(body).toMatchObject({ model: "BAAI/bge-reranker-base" });
  });

  test("explains how to name a model when the request has neither provider nor address", async () => {
    await expect(rerank({ model: "bge-reranker-base", query, documents })).rejects.toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("api_base"),
    });
  });

  test("can be cancelled", async () => {
    const outcome = rerank({ model: "bm25/default", query, documents }, { signal: AbortSignal.abort() });
    await expect(outcome).rejects.toMatchObject({ code: "cancelled" });
  });
});

test("the package exports everything that core exports, and the official providers", () => {
  expect(dheeraAi).toMatchObject(core);
  expect([dheeraAi.huggingface().name, dheeraAi.cohere().name, dheeraAi.bm25().name]).toEqual([
    "huggingface",
    "cohere",
    "bm25",
  ]);
});
