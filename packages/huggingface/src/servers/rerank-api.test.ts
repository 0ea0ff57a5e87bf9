import { testProvider } from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import { huggingface } from "../huggingface.ts";
import { connect, never, score } from "../testing/connect.ts";
import { notFound, type Reply, serve, type Server } from "../testing/serve.ts";

const documents = ["alpha", "beta"];
const query = "What is the capital of the United States?";

/** A server that lists one model, and answers one rerank route; everything else is 404. */
function serverWith(
  list: string,
  entry: Readonly<Record<string, unknown>>,
  route: string,
  answer: Reply,
): Promise<Server> {
  return serve(({ method, path }) => {
    if (method === "GET" && path === list)
      return { body: { object: "list", data: [{ object: "model", created: 1, ...entry }] } };
    return method === "POST" && path === route ? answer : notFound;
  });
}

const results = [
  { index: 1, relevance_score: 0.9, document: { text: "beta", multi_modal: null } },
  { index: 0, relevance_score: 0.1, document: { text: "alpha", multi_modal: null } },
];
const scores = [
  { index: 1, score: 0.9 },
  { index: 0, score: 0.1 },
];

testProvider(
  {
    provider: huggingface({ environment: {} }),
    model: "BAAI/bge-reranker-v2-m3",
    upstream: {
      path: "/v1",
      readRequest: ({ body }) => ({ query: body["query"], documents: body["documents"] }),
      answer: (rows) => ({
        body: {
          id: "rerank-1",
          model: "m",
          usage: { total_tokens: 5 },
          results: rows.map(({ index, score: relevance_score }) => ({ index, relevance_score })),
        },
        usage: { inputTokens: 5 },
      }),
      // As LocalAI: a count of 0 is none.
      answerWithoutUsage: (rows) => ({
        body: {
          usage: { total_tokens: 0 },
          results: rows.map(({ index, score: relevance_score }) => ({ index, relevance_score })),
        },
      }),
      other: ({ path }) =>
        path === "/v1/models"
          ? { body: { object: "list", data: [{ id: "m", owned_by: "vllm", max_model_len: 512 }] } }
          : { status: 404, body: { detail: "Not Found" } },
    },
  },
  { describe, test },
);

describe("vLLM", () => {
  const entry = { id: "bge", owned_by: "vllm", root: "BAAI/bge-reranker-v2-m3", parent: null, max_model_len: 8192 };
  const answer = { body: { id: "rerank-1", model: "bge", usage: { prompt_tokens: 20, total_tokens: 20 }, results } };

  test("is detected by its model list, and asked for its model by its own name, cutting at its length", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    const scorer = connect({ apiBase: server.url, model: "BAAI/bge-reranker-v2-m3" });
    expect(await scorer.profile(never)).toMatchObject({
      server: "vLLM",
      scoreKind: "unknown",
      limits: { tokensPerDocument: 8192 },
    });
    expect(await score(scorer, documents)).toEqual({ scores, usage: { inputTokens: 20 } });
    expect(server.asked).toEqual(["GET /info", "GET /v1/models", "POST /v1/rerank"]);
    expect(server.received.at(-1)?.body).toEqual({ model: "bge", query, documents, truncate_prompt_tokens: 8192 });
  });

  test("supports every parameter but an instruction", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    const params = {
      truncationDirection: "left",
      rawScores: true,
      maxTokensPerDocument: 100,
      instruction: "prefer towns",
    } as const;
    const result = await score(connect({ apiBase: `${server.url}/v1` }), documents, { params });
    expect(result).toMatchObject({
      scoreKind: "logit",
      warnings: ["instruction had no effect: the server does not know it"],
    });
    expect(server.received.at(-1)?.body).toEqual({
      model: "bge",
      query,
      documents,
      truncate_prompt_tokens: 8192,
      truncation_side: "left",
      use_activation: false,
      max_tokens_per_doc: 100,
    });
  });

  test("gets no field for cutting when it must not cut", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    await score(connect({ apiBase: server.url }), documents, { params: { truncate: false } });
    expect(server.received.at(-1)?.body).toEqual({ model: "bge", query, documents });
  });

  test("that serves several models is asked for the configured one", async () => {
    await using server = await serve(({ path }) =>
      path === "/v1/models"
        ? { body: { data: [{ id: "other", owned_by: "vllm" }, entry] } }
        : path === "/v1/rerank"
          ? answer
          : notFound,
    );
    await score(connect({ apiBase: server.url, model: "BAAI/bge-reranker-v2-m3" }), documents);
    expect(server.received.at(-1)?.body).toMatchObject({ model: "bge" });
  });
});

describe("an instruction-following reranker", () => {
  const entry = { id: "Qwen/Qwen3-Reranker-0.6B", owned_by: "vllm", max_model_len: 8192 };
  const model = "Qwen/Qwen3-Reranker-0.6B";
  const answer = { body: { results } };

  test("gets a warning on vLLM while its prompt template is not known to be applied", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    const { warnings } = await connect({ apiBase: server.url, model }).profile(never);
    expect(warnings).toEqual([expect.stringContaining("prompt_template: qwen3-reranker")]);
  });

  test("is also recognised by the server's name for it", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    expect((await connect({ apiBase: server.url, model: "our-reranker" }).profile(never)).warnings).toHaveLength(1);
  });

  test("gets no warning once the configuration says that the server applies it", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    const scorer = connect({ apiBase: server.url, model, options: { prompt_template: "server" } });
    expect(await scorer.profile(never)).not.toHaveProperty("warnings");
    await score(scorer, documents);
    expect(server.received.at(-1)?.body).toMatchObject({ query, documents });
  });

  test("has its built-in template applied when configured, with the caller's instruction in it", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    const scorer = connect({ apiBase: server.url, model, options: { prompt_template: "qwen3-reranker" } });
    const result = await score(scorer, ["alpha"], { query: "$& capital", params: { instruction: "prefer towns" } });
    expect(result).not.toHaveProperty("warnings");
    expect(server.received.at(-1)?.body).toMatchObject({
      query: expect.stringMatching(/<Instruct>: prefer towns\n<Query>: \$& capital\n$/),
      documents: ["<Document>: alpha<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"],
    });
  });

  test("has another fingerprint with a template than without", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    const prints = await Promise.all(
      ["server", "qwen3-reranker", { query: "{query}", document: "{document}" }].map(async (prompt_template) => {
        const profile = await connect({ apiBase: server.url, model, options: { prompt_template } }).profile(never);
        return profile.fingerprint;
      }),
    );
    expect(new Set(prints).size).toBe(3);
  });

  test("leaves room for the template in the model's length", async () => {
    await using server = await serverWith("/v1/models", entry, "/v1/rerank", answer);
    const { limits } = await connect({
      apiBase: server.url,
      model,
      options: { prompt_template: "qwen3-reranker" },
    }).profile(never);
    expect(limits.tokensPerDocument).toBeLessThan(8192 - 80);
  });

  test("gets its instruction, but no template, from SGLang, which applies it", async () => {
    await using server = await serverWith("/v1/models", { ...entry, owned_by: "sglang" }, "/v1/rerank", {
      body: [
        { score: 0.9, document: null, index: 1, meta_info: { prompt_tokens: 12 } },
        { score: 0.1, document: null, index: 0, meta_info: { prompt_tokens: 11 } },
      ],
    });
    const scorer = connect({ apiBase: server.url, model });
    expect(await scorer.profile(never)).not.toHaveProperty("warnings");
    expect(await score(scorer, documents, { params: { instruction: "prefer towns" } })).toEqual({
      scores,
      usage: { inputTokens: 23 },
    });
    expect(server.received.at(-1)?.body).toEqual({
      model,
      query,
      documents,
      return_documents: false,
      instruct: "prefer towns",
    });
  });

  test("gets its instruction once from SGLang, in the template where one is applied here", async () => {
    await using server = await serverWith("/v1/models", { ...entry, owned_by: "sglang" }, "/v1/rerank", {
      body: [{ score: 0.9, index: 0 }],
    });
    const scorer = connect({ apiBase: server.url, model, options: { prompt_template: "qwen3-reranker" } });
    await score(scorer, ["alpha"], { params: { instruction: "prefer towns" } });
    expect(server.received.at(-1)?.body).toMatchObject({
      query: expect.stringContaining("<Instruct>: prefer towns\n"),
    });
    expect(server.received.at(-1)?.body).not.toHaveProperty("instruct");
  });
});

describe("Infinity", () => {
  const entry = { id: "mxbai", owned_by: "infinity", stats: {}, backend: "torch", capabilities: ["rerank"] };
  const answer = {
    body: {
      object: "rerank",
      id: "infinity-1",
      created: 1,
      model: "mxbai",
      usage: { prompt_tokens: 7, total_tokens: 7 },
      results: results.map((row) => ({ ...row, document: null })),
    },
  };

  test("is detected without a prefix and under one", async () => {
    for (const prefix of ["", "/v1"]) {
      await using server = await serverWith(`${prefix}/models`, entry, `${prefix}/rerank`, answer);
      const scorer = connect({ apiBase: server.url });
      expect(await scorer.profile(never)).toMatchObject({
        server: "Infinity",
        scoreKind: "probability",
        limits: { documentsPerCall: 2048, charactersPerDocument: 122_880 },
      });
      expect(await score(scorer, documents)).toEqual({ scores, usage: { inputTokens: 7 } });
      expect(server.received.at(-1)).toMatchObject({
        path: `${prefix}/rerank`,
        body: { model: "mxbai", query, documents },
      });
    }
  });

  test("gives logits when asked", async () => {
    await using server = await serverWith("/models", entry, "/rerank", answer);
    expect(await score(connect({ apiBase: server.url }), documents, { params: { rawScores: true } })).toMatchObject({
      scoreKind: "logit",
    });
    expect(server.received.at(-1)?.body).toEqual({ model: "mxbai", query, documents, raw_scores: true });
  });
});

test("llama.cpp is known to give logits", async () => {
  await using server = await serverWith(
    "/v1/models",
    { id: "/models/bge.gguf", owned_by: "llamacpp", meta: { n_ctx_train: 512 } },
    "/v1/rerank",
    {
      body: {
        model: "bge",
        object: "list",
        usage: { prompt_tokens: 9, total_tokens: 9 },
        results: [
          { index: 0, relevance_score: -3.2 },
          { index: 1, relevance_score: 4.5 },
        ],
      },
    },
  );
  const scorer = connect({ apiBase: server.url });
  expect(await scorer.profile(never)).toMatchObject({ server: "llama.cpp", scoreKind: "logit" });
  const result = await score(scorer, documents, { params: { rawScores: true } });
  expect(result.scores).toEqual([
    { index: 0, score: -3.2 },
    { index: 1, score: 4.5 },
  ]);
  expect(result).not.toHaveProperty("warnings");
});

test("Xinference is detected, and its token count read where Cohere has it", async () => {
  await using server = await serverWith(
    "/v1/models",
    { id: "bge-reranker-base", owned_by: "xinference", model_type: "rerank" },
    "/v1/rerank",
    {
      body: {
        id: "1",
        results: results.map((row) => ({ ...row, document: null })),
        meta: { api_version: null, tokens: { input_tokens: 33, output_tokens: 0 } },
      },
    },
  );
  expect(await score(connect({ apiBase: server.url }), documents)).toEqual({ scores, usage: { inputTokens: 33 } });
});

test("LocalAI, which names no owner, is detected by trying, and its made-up count of 0 tokens is left out", async () => {
  await using server = await serverWith("/v1/models", { id: "jina-reranker-v1-base-en" }, "/v1/rerank", {
    body: { model: "jina", usage: { total_tokens: 0, prompt_tokens: 0 }, results },
  });
  const scorer = connect({ apiBase: server.url, model: "jina-reranker-v1-base-en" });
  expect(await score(scorer, documents)).toEqual({ scores });
  expect(server.received.at(-1)?.body).toEqual({ model: "jina-reranker-v1-base-en", query, documents, top_n: 2 });
});

test("jina-reranker-v3 compares documents with each other, so it is listwise", async () => {
  await using server = await serverWith(
    "/v1/models",
    { id: "jinaai/jina-reranker-v3", owned_by: "vllm" },
    "/v1/rerank",
    {
      body: { results },
    },
  );
  expect(await connect({ apiBase: server.url, model: "jinaai/jina-reranker-v3" }).profile(never)).toMatchObject({
    scoring: "listwise",
  });
});

test("a server can be named where a proxy hides everything but the rerank route", async () => {
  await using server = await serve(({ path }) =>
    path === "/private/v1/rerank" ? { body: { results } } : { status: 401, body: "" },
  );
  const scorer = connect({ apiBase: `${server.url}/private`, model: "m", options: { server: "vllm" } });
  expect((await score(scorer, documents)).scores).toEqual(scores);
  expect(server.received.at(-1)?.body).toEqual({ model: "m", query, documents, truncate_prompt_tokens: -1 });
});
