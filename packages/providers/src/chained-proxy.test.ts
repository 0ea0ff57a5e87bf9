import type { Provider, ScoreCall, Scorer } from "@dheera-ai/core";
import { testProvider, testTarget, withServer } from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import { dheeraAi, litellmProxy } from "./row-providers.ts";

const query = "What is the capital of the United States?";
const documents = ["Carson City", "Washington, D.C."];
const results = [
  { index: 1, relevance_score: 0.9 },
  { index: 0, relevance_score: 0.1 },
];

for (const provider of [dheeraAi(), litellmProxy({ environment: {} })])
  testProvider(
    {
      provider,
      model: "bge",
      providerOptions: {
        accepted: [{}, { cohere: { priority: 7 }, huggingface: {} }],
        refused: [{ priority: 7 }, { cohere: ["priority"] }],
      },
      upstream: {
        path: "/v1",
        readRequest: ({ body }) => ({ query: body["query"], documents: body["documents"] }),
        answer: (scores) => ({
          body: {
            id: "3f0e6f0c",
            model: "bge",
            results: scores.map(({ index, score }) => ({ index, relevance_score: score })),
            meta: { billed_units: { search_units: 2 }, tokens: { input_tokens: 30, output_tokens: 0 } },
            usage: { prompt_tokens: 30, total_tokens: 30, cost: 0.004 },
          },
          usage: { searchUnits: 2, inputTokens: 30, outputTokens: 0, cost: 0.004 },
        }),
        answerWithoutUsage: (scores) => ({
          body: {
            results: scores.map(({ index, score }) => ({ index, relevance_score: score })),
            meta: { billed_units: {} },
          },
        }),
      },
    },
    { describe, test },
  );

describe("a proxy behind a proxy", () => {
  test("gets every parameter, and the options of the providers behind it", async () => {
    await withServer(
      () => ({ body: { results } }),
      async ({ url, requests }) => {
        const params = {
          truncate: false,
          truncationDirection: "left",
          rawScores: true,
          instruction: "prefer capitals",
          maxTokensPerDocument: 64,
        } as const;
        await scoreAt(dheeraAi(), url, { params, providerOptions: { cohere: { priority: 7 } } });
        expect(requests).toMatchObject([
          { method: "POST", path: "/v1/rerank", headers: { authorization: "Bearer given" } },
        ]);
        expect(requests[0]?.body).toEqual({
          model: "bge",
          query,
          documents,
          truncate: false,
          truncation_direction: "left",
          raw_scores: true,
          instruction: "prefer capitals",
          max_tokens_per_doc: 64,
          provider_options: { cohere: { priority: 7 } },
        });
      },
    );
  });

  test("says what its scores are, what was billed and what to know", async () => {
    const meta = {
      score_kind: "logit",
      billed_units: { search_units: 0 },
      cached_documents: 2,
      warnings: ["documents[0] was cut"],
    };
    await withServer(
      () => ({ body: { results, meta } }),
      async ({ url }) => {
        const scorer = connect(dheeraAi(), url);
        expect(await scorer.score(call())).toMatchObject({
          scoreKind: "logit",
          usage: { searchUnits: 0 },
          warnings: ["the upstream warns: documents[0] was cut"],
        });
        expect(await scorer.profile(new AbortController().signal)).toMatchObject({
          scoreKind: "logit",
          billing: "compute",
          fingerprint: "dheera_ai bge",
        });
      },
    );
  });

  test("that could not rank is no ranking", async () => {
    await withServer(
      () => ({ body: { results, meta: { reranked: false } } }),
      async ({ url }) =>
        expect(scoreAt(dheeraAi(), url)).rejects.toMatchObject({ code: "provider_failed", retryable: true }),
    );
  });

  test("needs an address", () => {
    for (const provider of [dheeraAi(), litellmProxy({ environment: {} })])
      expect(() => provider.connect(testTarget({ model: "bge" }))).toThrow(
        expect.objectContaining({ code: "invalid_request", param: "api_base" }),
      );
  });
});

describe("litellm_proxy", () => {
  test("reads LiteLLM's variables, and sends their key to their address only", async () => {
    await withServer(
      () => ({ body: { results } }),
      async ({ url, requests }) => {
        const environment = { LITELLM_PROXY_API_BASE: url, LITELLM_PROXY_API_KEY: "implicit" };
        await litellmProxy({ environment })
          .connect(testTarget({ model: "bge" }))
          .score(call());
        const elsewhere = { ...environment, LITELLM_PROXY_API_BASE: "http://elsewhere.test" };
        await litellmProxy({ environment: elsewhere })
          .connect(testTarget({ model: "bge", apiBase: url }))
          .score(call());
        expect(requests.map(({ headers }) => headers["authorization"])).toEqual(["Bearer implicit", undefined]);
      },
    );
  });
});

function connect(provider: Provider, apiBase: string): Scorer {
  return provider.connect(testTarget({ model: "bge", apiBase, apiKey: "given" }));
}

function scoreAt(provider: Provider, apiBase: string, more: Partial<ScoreCall> = {}): ReturnType<Scorer["score"]> {
  return connect(provider, apiBase).score(call(more));
}

function call(more: Partial<ScoreCall> = {}): ScoreCall {
  return { query, documents, params: {}, providerOptions: {}, signal: new AbortController().signal, ...more };
}
