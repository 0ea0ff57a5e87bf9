import { testProvider } from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import { huggingface } from "../huggingface.ts";
import { connect, failureOf, never, score } from "../testing/connect.ts";
import { serve } from "../testing/serve.ts";
import { logit, teiAnswers } from "../testing/tei.ts";

const capitals = [
  "Carson City is the capital city of the American state of Nevada",
  "Washington is the capital of the United States",
  "Bread needs flour",
];
const query = "What is the capital of the United States?";

testProvider(
  {
    provider: huggingface({ environment: {} }),
    model: "BAAI/bge-reranker-base",
    upstream: {
      readRequest: ({ body }) => ({ query: body["query"], documents: body["texts"] }),
      answer: (scores) => ({ body: scores, headers: { "x-compute-tokens": "7" }, usage: { inputTokens: 7 } }),
      answerWithoutUsage: (scores) => ({ body: scores }),
      other: ({ method, path }) => ({ body: "", ...teiAnswers()({ method, path, headers: {}, body: null }) }),
      refusals: { 424: "provider_failed" },
    },
  },
  { describe, test },
);

describe("a reranker behind Text Embeddings Inference", () => {
  test("is detected by GET /info, once, and asked at /rerank with texts and truncate", async () => {
    await using server = await serve(teiAnswers());
    const scorer = connect({ apiBase: server.url });

    const { scores } = await score(scorer, capitals);
    await score(scorer, capitals);

    expect(scores.map(({ index }) => index)).toEqual([1, 0, 2]);
    expect(server.asked).toEqual(["GET /info", "POST /rerank", "POST /rerank"]);
    expect(server.received[1]?.body).toEqual({ query, texts: capitals, truncate: true });
  });

  test("has the limits that /info names and the payload limit that it does not", async () => {
    await using server = await serve(
      teiAnswers({ maxBatch: 64, maxTokens: 8192, info: { max_concurrent_requests: 100 } }),
    );
    expect(await connect({ apiBase: server.url }).profile(never)).toMatchObject({
      scoring: "pointwise",
      scoreKind: "probability",
      billing: "compute",
      pads: true,
      server: "text-embeddings-inference 1.9.3",
      limits: {
        documentsPerCall: 64,
        bytesPerCall: 2_000_000,
        tokensPerDocument: 8192,
        documentsInFlight: 100,
        charactersPerDocument: 2_039_808,
      },
    });
  });

  test("counts tokens as x-compute-tokens says", async () => {
    await using server = await serve(teiAnswers());
    expect(await score(connect({ apiBase: server.url }), ["one two three"])).toMatchObject({
      usage: { inputTokens: 11 },
    });
  });

  test("gives logits when asked, and reports the score kind", async () => {
    await using server = await serve(teiAnswers());
    const result = await score(connect({ apiBase: server.url }), capitals, { params: { rawScores: true } });
    expect(result.scoreKind).toBe("logit");
    expect(result.scores[0]).toEqual({ index: 1, score: logit(query, capitals[1] ?? "") });
  });

  test("gets the parameters for which end to cut, and for not cutting", async () => {
    await using server = await serve(teiAnswers());
    await score(connect({ apiBase: server.url }), capitals, {
      params: { truncate: false, truncationDirection: "left" },
    });
    expect(server.received.at(-1)?.body).toEqual({
      query,
      texts: capitals,
      truncate: false,
      truncation_direction: "Left",
    });
  });

  test("gets no field for an unsupported parameter, and the result a warning", async () => {
    await using server = await serve(teiAnswers());
    const result = await score(connect({ apiBase: server.url }), capitals, {
      params: { maxTokensPerDocument: 10, instruction: "prefer towns" },
    });
    expect(result.warnings).toEqual(["max_tokens_per_doc, instruction had no effect: the server does not know it"]);
    expect(server.received.at(-1)?.body).toEqual({ query, texts: capitals, truncate: true });
  });

  test.each([
    { served: "BAAI/bge-reranker-large", warns: true },
    { served: "baai/BGE-reranker-base", warns: false },
    { served: "/repository", warns: false },
  ])("warns of another model than the configured one: $served", async ({ served, warns }) => {
    await using server = await serve(teiAnswers({ info: { model_id: served, served_model_name: served } }));
    const { warnings = [] } = await connect({ apiBase: server.url }).profile(never);
    expect(warnings.some((warning) => warning.startsWith(`the server serves ${served} and no other model`))).toBe(
      warns,
    );
  });

  test.each(["model_id", "served_model_name", "version"])(
    "is not known by a %s longer than any name",
    async (field) => {
      const info = { model_id: "acme/other", [field]: `acme/${"x".repeat(100_000)}` };
      await using server = await serve(teiAnswers({ info }));
      const profile = await connect({ apiBase: server.url }).profile(never);
      expect(JSON.stringify(profile).length).toBeLessThan(2_000);
    },
  );

  test.each(["float32", "float16"])("is taken to pad its batches in %s: /info does not say so", async (dtype) => {
    await using server = await serve(teiAnswers({ info: { model_dtype: dtype } }));
    expect(await connect({ apiBase: server.url }).profile(never)).toMatchObject({ pads: true });
  });

  test.each(["1.9.3", "1.8.2"])("reports its batch limit when version %s refuses a batch", async (version) => {
    await using server = await serve(teiAnswers({ maxBatch: 2, version }));
    const failure = await failureOf(score(connect({ apiBase: server.url, options: { server: "tei" } }), capitals));
    expect(failure).toMatchObject({ code: "provider_rejected", learned: { documentsPerCall: 2 } });
  });

  test.each(["1.9.3", "1.8.2"])("rejects what is too long when version %s may not cut it", async (version) => {
    await using server = await serve(teiAnswers({ maxTokens: 12, version }));
    const failure = await failureOf(score(connect({ apiBase: server.url }), capitals, { params: { truncate: false } }));
    expect(failure).toMatchObject({ code: "provider_rejected", retryable: false, learned: undefined });
    expect(failure.message).toContain("truncate: false");
  });

  test("counts the tokens of texts, special ones included, by POST /tokenize", async () => {
    await using server = await serve(teiAnswers());
    const scorer = connect({ apiBase: server.url });
    expect(await scorer.countTokens?.(["one two three", "one"], never)).toEqual([5, 3]);
    expect(server.received.at(-1)).toMatchObject({ path: "/tokenize", body: { inputs: ["one two three", "one"] } });
  });

  test("behind a proxy that hides /tokenize is asked there once", async () => {
    const answers = teiAnswers();
    await using server = await serve((request) =>
      request.path === "/tokenize" ? { status: 404, body: "<html>" } : answers(request),
    );
    const scorer = connect({ apiBase: server.url });
    for (let again = 0; again < 3; again++) expect(await scorer.countTokens?.(["one"], never)).toBeUndefined();
    expect(server.asked).toEqual(["GET /info", "POST /tokenize"]);
  });

  test("that wants a key is reported as such when it is detected", async () => {
    await using server = await serve(teiAnswers({ apiKey: "secret" }));
    const failure = await failureOf(score(connect({ apiBase: server.url }), capitals));
    expect(failure.code).toBe("provider_auth");
    expect(failure.message).toContain("wants a key (it was started with --api-key");
    expect(server.asked).toEqual(["GET /info"]);
  });

  test("gets the key that was given for it", async () => {
    await using server = await serve(teiAnswers({ apiKey: "secret" }));
    expect((await score(connect({ apiBase: server.url, apiKey: "secret" }), capitals)).scores).toHaveLength(3);
  });

  test("that refuses a key gives an error that does not quote the key", async () => {
    await using server = await serve(teiAnswers({ apiKey: "secret" }));
    const failure = await failureOf(score(connect({ apiBase: server.url, apiKey: "wrong-secret" }), capitals));
    expect(failure.message).toContain("the key from api_key was refused");
    expect(failure.message).not.toContain("wrong-secret");
  });

  test("behind a proxy that hides /info is detected by trying, with its default limits", async () => {
    const answers = teiAnswers();
    await using server = await serve((request) =>
      request.method === "GET" ? { status: 404, body: "<html>" } : answers(request),
    );
    const scorer = connect({ apiBase: server.url });
    expect(await scorer.profile(never)).toMatchObject({
      scoreKind: "probability",
      limits: { documentsPerCall: 32, bytesPerCall: 2_000_000, documentsInFlight: 512 },
    });
    expect((await score(scorer, capitals)).scores).toHaveLength(3);
    expect(server.received.filter(({ body }) => hasField(body, "texts") && hasField(body, "documents"))).toEqual([]);
  });

  test("is used as is when the base ends in /rerank", async () => {
    const answers = teiAnswers();
    await using server = await serve((request) => answers({ ...request, path: request.path.replace("/models/a", "") }));
    expect((await score(connect({ apiBase: `${server.url}/models/a/rerank` }), capitals)).scores).toHaveLength(3);
    expect(server.asked).toEqual(["GET /models/a/info", "POST /models/a/rerank"]);
  });
});

describe("an embedding model behind Text Embeddings Inference", () => {
  test("answers through /similarity, with the query as one text of the batch", async () => {
    await using server = await serve(teiAnswers({ type: "embedding", maxBatch: 4 }));
    const scorer = connect({ apiBase: server.url, model: "BAAI/bge-m3" });

    expect(await scorer.profile(never)).toMatchObject({
      scoreKind: "cosine",
      limits: { documentsPerCall: 3, documentsInFlight: 384 },
    });
    const { scores } = await score(scorer, capitals, { params: { truncationDirection: "right" } });

    expect(scores).toEqual(capitals.map((text, index) => ({ index, score: Math.tanh(logit(query, text)) })));
    expect(server.received.at(-1)).toMatchObject({
      path: "/similarity",
      body: {
        inputs: { source_sentence: query, sentences: capitals },
        parameters: { truncate: true, truncation_direction: "Right" },
      },
    });
  });

  test("reports one document less than the batch it takes", async () => {
    await using server = await serve((request) =>
      request.path === "/info"
        ? teiAnswers({ type: "embedding", maxBatch: 32 })(request)
        : teiAnswers({ type: "embedding", maxBatch: 3 })(request),
    );
    expect(await failureOf(score(connect({ apiBase: server.url }), capitals))).toMatchObject({
      learned: { documentsPerCall: 2 },
    });
  });

  test("whose server takes one text a call gives an error that says what to change", async () => {
    await using server = await serve(teiAnswers({ type: "embedding", maxBatch: 1 }));
    const failure = await failureOf(score(connect({ apiBase: server.url }), ["one"]));
    expect(failure).toMatchObject({ code: "provider_failed", learned: undefined });
    expect(failure.message).toContain("--max-client-batch-size 2");
  });
});

test("a classifier behind Text Embeddings Inference is refused with the kind of model that works", async () => {
  await using server = await serve(teiAnswers({ type: "classifier" }));
  const failure = await failureOf(score(connect({ apiBase: server.url, model: "acme/sentiment" }), capitals));
  expect(failure.code).toBe("provider_failed");
  expect(failure.message).toContain("acme/sentiment is not a re-ranker");
  expect(failure.message).toContain("BAAI/bge-reranker-base");
});

function hasField(body: unknown, name: string): boolean {
  return typeof body === "object" && body !== null && name in body;
}
