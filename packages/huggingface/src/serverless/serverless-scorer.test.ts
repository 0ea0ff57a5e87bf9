import { testProvider } from "@dheera-ai/core/testing";
import type { Provider } from "@dheera-ai/core";
import { describe, expect, test } from "vitest";

import { connect, failureOf, never, score } from "../testing/connect.ts";
import { notFound, type Received, type Reply, serve } from "../testing/serve.ts";

const documents = ["alpha", "beta", "gamma"];
const query = "What is the capital of the United States?";
const base = "/hf-inference/models/BAAI/bge-reranker-base";

/** Answers one of the three routes, refuses the others as the router does. */
function router(
  route: "/pipeline/text-ranking" | "" | "/pipeline/sentence-similarity",
  answer: unknown,
): (request: Received) => Reply {
  return ({ method, path }) => {
    if (method !== "POST") return notFound;
    if (path === base + route) return { body: answer };
    return path === base
      ? { status: 400, body: { error: "Model not supported by provider hf-inference" } }
      : { status: 404, body: "Not Found" };
  };
}

/** The suite's server stands in for the router. */
const rerouted: Provider = {
  name: "huggingface",
  connect({ apiBase = "", apiKey, model, options }) {
    return connect({ insteadOfHuggingFace: apiBase, model, options, ...(apiKey !== undefined && { apiKey }) });
  },
};
testProvider(
  {
    provider: rerouted,
    model: "BAAI/bge-reranker-base",
    upstream: {
      readRequest: ({ body: { inputs }, path }) =>
        path.endsWith("/text-ranking") && isInputs(inputs)
          ? { query: inputs.query, documents: inputs.texts }
          : { query: undefined, documents: undefined },
      answer: (scores) => ({ body: scores, headers: { "x-compute-tokens": "7" }, usage: { inputTokens: 7 } }),
      answerWithoutUsage: (scores) => ({ body: scores }),
      starting: {
        status: 503,
        body: { error: "Model BAAI/bge-reranker-base is currently loading", estimated_time: 20.5 },
      },
      refusals: { 400: "provider_failed", 410: "provider_failed", 422: "provider_failed", 503: "provider_starting" },
    },
  },
  { describe, test },
);

describe("a serverless model", () => {
  test("is asked as a reranker first", async () => {
    await using server = await serve(
      router("/pipeline/text-ranking", [
        { score: 0.8, index: 1 },
        { score: 0.1, index: 0 },
        { score: 0.05, index: 2 },
      ]),
    );
    const result = await score(connect({ insteadOfHuggingFace: server.url }), documents);
    expect(result.scores).toEqual([
      { index: 1, score: 0.8 },
      { index: 0, score: 0.1 },
      { index: 2, score: 0.05 },
    ]);
    expect(server.asked).toEqual([`POST ${base}/pipeline/text-ranking`]);
    expect(server.received[0]?.body).toEqual({ inputs: { query, texts: documents } });
  });

  test.each([
    { shape: "flat", answer: [0.1, 0.9, 0.2].map((value) => ({ label: "LABEL_0", score: value })) },
    { shape: "nested", answer: [0.1, 0.9, 0.2].map((value) => [{ label: "LABEL_0", score: value }]) },
  ])(
    "is asked as a classifier of pairs where that is refused ($shape answer), which is remembered",
    async ({ answer }) => {
      await using server = await serve(router("", answer));
      const scorer = connect({ insteadOfHuggingFace: server.url });
      const before = await scorer.profile(never);
      const result = await score(scorer, documents);
      await score(scorer, documents);

      expect(result).toEqual({
        scoreKind: "probability",
        scores: [0.1, 0.9, 0.2].map((value, index) => ({ index, score: value })),
      });
      expect(server.asked).toEqual([`POST ${base}/pipeline/text-ranking`, `POST ${base}`, `POST ${base}`]);
      expect(server.received.at(-1)?.body).toEqual({
        inputs: documents.map((document) => ({ text: query, text_pair: document })),
      });
      expect(await scorer.profile(never)).toMatchObject({ scoreKind: "probability", fingerprint: before.fingerprint });
    },
  );

  test("is asked as a bi-encoder when it is one, with the query as one text of the batch", async () => {
    await using server = await serve(router("/pipeline/sentence-similarity", [0.1, 0.9, -0.2]));
    const scorer = connect({ insteadOfHuggingFace: server.url });
    expect(await score(scorer, documents)).toMatchObject({ scoreKind: "cosine" });
    expect(server.received.at(-1)?.body).toEqual({ inputs: { source_sentence: query, sentences: documents } });
    expect(await scorer.profile(never)).toMatchObject({ scoreKind: "cosine", limits: { documentsPerCall: 31 } });
  });

  test("whose address answers pairs with embeddings is asked as a bi-encoder", async () => {
    const similarity = router("/pipeline/sentence-similarity", [0.1, 0.9, -0.2]);
    await using server = await serve((request) =>
      request.path === base ? { body: documents.map(() => [0.1, 0.2, 0.3]) } : similarity(request),
    );
    expect(await score(connect({ insteadOfHuggingFace: server.url }), documents)).toMatchObject({
      scoreKind: "cosine",
    });
  });

  test("is tried by one call only, and the others wait for the result", async () => {
    await using server = await serve(router("", [{ label: "LABEL_0", score: 0.5 }]));
    const scorer = connect({ insteadOfHuggingFace: server.url });
    await Promise.all(["one", "two", "three"].map((document) => score(scorer, [document])));
    expect(server.asked.filter((request) => request.endsWith("/text-ranking"))).toHaveLength(1);
    expect(server.asked).toHaveLength(4);
  });

  test("is tried by the next call when the first one is cancelled", async () => {
    const controller = new AbortController();
    const held = Promise.withResolvers<Reply>();
    let requests = 0;
    await using server = await serve(() => {
      requests++;
      if (requests > 1) return { body: [{ index: 0, score: 0.5 }] };
      controller.abort(new Error("gone"));
      return held.promise;
    });
    const scorer = connect({ insteadOfHuggingFace: server.url });
    const first = score(scorer, ["one"], { signal: controller.signal });
    const second = score(scorer, ["two"]);
    await expect(first).rejects.toThrow();
    expect((await second).scores).toEqual([{ index: 0, score: 0.5 }]);
    held.resolve({});
  });

  test("that is a classifier with several labels is refused", async () => {
    await using server = await serve(
      router("", [
        { label: "POSITIVE", score: 0.9 },
        { label: "NEGATIVE", score: 0.8 },
        { label: "POSITIVE", score: 0.7 },
      ]),
    );
    const failure = await failureOf(score(connect({ insteadOfHuggingFace: server.url }), documents));
    expect(failure).toMatchObject({ code: "provider_bad_response" });
    expect(failure.message).toContain("several labels");
  });

  test("that hf-inference does not serve is refused with advice", async () => {
    await using server = await serve(() => ({ status: 404, body: "Not Found" }));
    const failure = await failureOf(score(connect({ insteadOfHuggingFace: server.url }), documents));
    expect(failure).toMatchObject({ code: "provider_failed", permanent: true });
    expect(failure.message).toContain("BAAI/bge-reranker-base is not served by hf-inference");
    expect(failure.message).toContain("set api_base");
  });

  test("that is loading is not tried by other recipes, and the error carries the time to wait", async () => {
    await using server = await serve(() => ({
      status: 503,
      body: { error: "Model BAAI/bge-reranker-base is currently loading", estimated_time: 20 },
    }));
    const failure = await failureOf(score(connect({ insteadOfHuggingFace: server.url }), documents));
    expect(failure).toMatchObject({ code: "provider_starting", status: 503, retryAfter: 20 });
    expect(server.asked).toHaveLength(1);
  });

  test("is paid for by the account that bill_to names", async () => {
    await using server = await serve(router("/pipeline/text-ranking", [{ score: 0.8, index: 0 }]));
    await score(connect({ insteadOfHuggingFace: server.url, options: { bill_to: "acme" }, apiKey: "hf_key" }), ["one"]);
    expect(server.received[0]?.headers).toMatchObject({ "x-hf-bill-to": "acme", authorization: "Bearer hf_key" });
  });

  test.each([
    "https://router.huggingface.co",
    "https://router.huggingface.co/v1",
    "https://router.huggingface.co/hf-inference",
    `https://router.huggingface.co${base}`,
  ])("is found from the base %s", async (apiBase) => {
    await using server = await serve(router("/pipeline/text-ranking", [{ score: 0.8, index: 0 }]));
    expect((await score(connect({ apiBase, insteadOfHuggingFace: server.url }), ["one"])).scores).toHaveLength(1);
  });
});

function isInputs(value: unknown): value is { query: unknown; texts: unknown } {
  return typeof value === "object" && value !== null && "query" in value && "texts" in value;
}
