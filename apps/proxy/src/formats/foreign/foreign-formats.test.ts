import { describe, expect, it } from "vitest";

import { oneModel, startProxy } from "../../fixtures/start-proxy.ts";
import { type Answer, sendJson, startUpstream } from "../../fixtures/start-upstream.ts";
import { foreignFormats } from "./all-foreign.ts";

const documents = ["0.1 a", "0.9 b", "0.5 c"];
const meta = {
  api_version: { version: "2", is_experimental: false },
  billed_units: {},
  tokens: { input_tokens: 30, output_tokens: 0 },
  score_kind: "probability",
};
const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
const usage = { prompt_tokens: 30, completion_tokens: 0, total_tokens: 30 };

/** Each request as its clients send it, and the whole answer that they read. */
const exchanges: readonly { readonly paths: readonly string[]; readonly body: object; readonly answer: object }[] = [
  {
    paths: ["/jina/v1/rerank", "/jina/rerank"],
    body: { model: "bge", query: "q", documents, top_n: 2, return_documents: true },
    answer: {
      model: "bge",
      object: "list",
      usage: { prompt_tokens: 30, total_tokens: 30 },
      results: [
        { index: 1, relevance_score: 0.9, document: { text: "0.9 b" } },
        { index: 2, relevance_score: 0.5, document: { text: "0.5 c" } },
      ],
      meta,
    },
  },
  {
    paths: ["/infinity/rerank", "/infinity/v1/rerank"],
    body: { model: "default/not-specified", query: "q", documents, top_n: 2, return_documents: true },
    answer: {
      id,
      object: "rerank",
      model: "bge",
      results: [
        { index: 1, relevance_score: 0.9, document: "0.9 b" },
        { index: 2, relevance_score: 0.5, document: "0.5 c" },
      ],
      usage: { prompt_tokens: 30, total_tokens: 30 },
      meta,
    },
  },
  {
    paths: ["/voyage/v1/rerank", "/voyage/rerank", "/voyage/v1//rerank", "//voyage/v1/rerank/"],
    body: { model: "bge", query: "q", documents, top_k: 2, truncation: true, return_documents: true },
    answer: {
      object: "list",
      data: [
        { index: 1, relevance_score: 0.9, document: "0.9 b" },
        { index: 2, relevance_score: 0.5, document: "0.5 c" },
      ],
      model: "bge",
      usage: { total_tokens: 30 },
      meta,
    },
  },
  {
    paths: ["/together/v1/rerank", "/together/rerank"],
    body: {
      model: "bge",
      query: "q",
      documents: documents.map((body) => ({ title: "t", body })),
      rank_fields: ["body"],
      top_n: 1,
      return_documents: true,
    },
    answer: {
      id,
      object: "rerank",
      model: "bge",
      results: [{ index: 1, relevance_score: 0.9, document: { title: "t", body: "0.9 b" } }],
      usage,
      meta,
    },
  },
  {
    paths: ["/together/v1/rerank"],
    body: { model: "bge", query: "q", documents, top_n: 1 },
    answer: {
      id,
      object: "rerank",
      model: "bge",
      results: [{ index: 1, relevance_score: 0.9, document: {} }],
      usage,
      meta,
    },
  },
  {
    paths: ["/pinecone/rerank", "/pinecone//rerank"],
    body: {
      model: "bge",
      query: "q",
      documents: documents.map((text) => ({ text, id: 1 })),
      rank_fields: ["text"],
      top_n: 1,
      parameters: { truncate: "END" },
    },
    answer: {
      model: "bge",
      data: [{ index: 1, score: 0.9, document: { text: "0.9 b", id: 1 } }],
      usage: { rerank_units: 0 },
      meta: { ...meta, usage_unknown: true },
    },
  },
  {
    paths: ["/mixedbread/v1/reranking", "/mixedbread/reranking", "/mixedbread//v1/reranking"],
    body: { query: "q", input: documents, top_k: 1, return_input: true, rewrite_query: false },
    answer: {
      object: "list",
      model: "bge",
      data: [{ object: "rank_result", index: 1, score: 0.9, input: "0.9 b" }],
      usage,
      top_k: 1,
      return_input: true,
      meta,
    },
  },
  {
    paths: [
      "/nvidia/v1/ranking",
      "/nvidia/ranking",
      "/v1/ranking",
      "/ranking",
      "/nvidia/v1/retrieval/nvidia/reranking",
      "/nvidia/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking",
    ],
    body: {
      model: "bge",
      query: { text: "q" },
      passages: documents.map((text) => ({ text })),
      truncate: "END",
    },
    answer: {
      rankings: [
        { index: 1, logit: 0.9 },
        { index: 2, logit: 0.5 },
        { index: 0, logit: 0.1 },
      ],
      usage: { prompt_tokens: 30, total_tokens: 30 },
      meta: { ...meta, score_kind: "logit" },
    },
  },
  {
    paths: ["/dashscope/compatible-api/v1/reranks", "/dashscope/v1/reranks", "/dashscope/reranks"],
    body: { model: "bge", query: "q", documents, top_n: 1, return_documents: true },
    answer: {
      object: "list",
      id,
      model: "bge",
      results: [{ index: 1, relevance_score: 0.9, document: { text: "0.9 b" } }],
      usage: { total_tokens: 30 },
      meta,
    },
  },
  {
    paths: [
      "/dashscope/api/v1/services/rerank/text-rerank/text-rerank",
      "/dashscope/services/rerank/text-rerank/text-rerank",
    ],
    body: { model: "bge", input: { query: "q", documents }, parameters: { top_n: 1, return_documents: true } },
    answer: {
      output: { results: [{ index: 1, relevance_score: 0.9, document: { text: "0.9 b" } }] },
      usage: { total_tokens: 30 },
      request_id: id,
      meta,
    },
  },
  {
    paths: ["/weaviate/rerank", "/weaviate//rerank"],
    body: { query: "q", documents, property: "" },
    answer: {
      query: "q",
      property: "",
      scores: [
        { index: 0, document: "0.1 a", score: 0.1 },
        { index: 1, document: "0.9 b", score: 0.9 },
        { index: 2, document: "0.5 c", score: 0.5 },
      ],
      model: "bge",
      usage: { prompt_tokens: 30, total_tokens: 30 },
      meta,
    },
  },
  {
    paths: ["/score", "/v1/score"],
    body: { model: "bge", text_1: ["q"], text_2: documents },
    answer: {
      id,
      object: "list",
      created: expect.any(Number),
      model: "bge",
      data: [
        { index: 0, object: "score", score: 0.1 },
        { index: 1, object: "score", score: 0.9 },
        { index: 2, object: "score", score: 0.5 },
      ],
      usage,
      meta,
    },
  },
];

describe("a foreign format", () => {
  it.each(exchanges.flatMap(({ paths, body, answer }) => paths.map((path) => ({ path, body, answer }))))(
    "$path answers as that server does",
    async ({ path, body, answer }) => {
      await using upstream = await startUpstream();
      await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
      const response = await proxy.post(path, body);
      expect(await response.json()).toEqual(answer);
      expect(response.status).toBe(200);
      expect(upstream.requests).toEqual([expect.objectContaining({ query: "q", texts: documents })]);
    },
  );

  it("has a test of each of its paths", () => {
    const tested = exchanges.flatMap(({ paths }) => paths);
    const isTested = (path: string): boolean =>
      tested.some((one) => new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`).test(one));
    expect(
      foreignFormats.flatMap(({ path, aliases }) => aliases.concat(path)).filter((path) => !isTested(path)),
    ).toEqual([]);
  });

  it("is one route to telemetry, whatever address a client makes of it", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    for (const { paths, body } of exchanges) for (const path of paths) await proxy.post(path, body);
    await proxy.post("/nvidia/v1/retrieval/any/thing/reranking", {});
    const metrics = await (await proxy.get("/metrics")).text();
    const routes = new Set([...metrics.matchAll(/route="([^"]+)"/g)].map(([, route]) => route));
    expect([...routes].toSorted()).toEqual(foreignFormats.map(({ path }) => path).toSorted());
  });

  it.each(exchanges)("$paths.0 hands on what else was asked of a document", ({ paths: [path = ""], body }) => {
    const format = foreignFormats.find((one) => one.path === path);
    const { answer } = format?.read(body, () => "bge") ?? {};
    const spans = [{ start: 4, end: 5, score: 0.5 }];
    const results = [{ index: 1, relevance_score: 0.9, relevant_spans: spans }];
    const answered = answer?.({
      id: "1",
      model: "bge",
      results,
      meta: { api_version: { version: "2", is_experimental: false }, billed_units: {} },
    });
    expect(JSON.stringify(answered)).toContain(JSON.stringify(spans));
  });

  it("refuses what is too long where the client says so", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const texts = ["0.1 a"];
    await proxy.post("/voyage/v1/rerank", { model: "bge", query: "q", documents: texts, truncation: false });
    await proxy.post("/pinecone/rerank", {
      model: "bge",
      query: "q",
      documents: texts,
      parameters: { truncate: "NONE" },
    });
    await proxy.post("/v1/ranking", {
      model: "bge",
      query: { text: "q" },
      passages: [{ text: "0.1 a" }],
      truncate: "NONE",
    });
    expect(upstream.requests).toEqual([
      expect.objectContaining({ truncate: false }),
      expect.objectContaining({ truncate: false }),
      expect.objectContaining({ truncate: false }),
    ]);
  });

  it.each(exchanges)(
    "$paths.0 has 0 for tokens that nobody counts, and says so",
    async ({ paths: [path = ""], body }) => {
      await using upstream = await startUpstream(withoutCounts);
      await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
      const answer = await (await proxy.post(path, body)).json();
      expect(answer.meta).toMatchObject({ usage_unknown: true });
      expect([...new Set(Object.values(answer.usage))]).toEqual([0]);
    },
  );
});

const withoutCounts: Answer = ({ outgoing }) =>
  sendJson(
    outgoing,
    documents.map((document, index) => ({ index, score: Number.parseFloat(document) })),
  );

describe("an error in a foreign format", () => {
  const query = "q";
  const model = "bge";
  it.each<[string, object, number, string, string]>([
    ["/jina/v1/rerank", { model, documents }, 400, "query", "is required"],
    ["/voyage/v1/rerank", { model, query, documents, top_k: 0 }, 400, "top_k", "must be at least 1"],
    ["/voyage/v1/rerank", { model, query, documents, truncation: "maybe" }, 400, "truncation", "must be true or false"],
    ["/voyage/v1/rerank", { model, query, documents: [] }, 400, "documents", "must hold at least one document"],
    ["/voyage/v1/rerank", { model, query, documents, api_base: "http://x" }, 400, "api_base", "cannot choose"],
    ["/together/v1/rerank", { model: "nobody", query, documents }, 404, "model", '"nobody" is not known'],
    [
      "/pinecone/rerank",
      { model, query, documents, parameters: { truncate: "x" } },
      400,
      "parameters.truncate",
      "must be END",
    ],
    [
      "/pinecone/rerank",
      { model, query, documents, parameters: [] },
      400,
      "parameters",
      "must be an object, not a list",
    ],
    ["/pinecone/rerank", { model, query, documents, parameters: { headers: {} } }, 400, "headers", "cannot choose"],
    ["/mixedbread/v1/reranking", { query, input: [["a"]] }, 400, "input[0]", "must be a text or an object"],
    [
      "/mixedbread/v1/reranking",
      { query, input: documents, rewrite_query: true },
      400,
      "rewrite_query",
      "must be false",
    ],
    ["/v1/ranking", { model, query: { text: "q" }, passages: [] }, 400, "passages", "must hold at least one passage"],
    [
      "/v1/ranking",
      { model, query: { text: "q" }, passages: ["a"] },
      400,
      "passages[0]",
      "must be an object with a text",
    ],
    [
      "/v1/ranking",
      { model, query: { text: "q" }, passages: [{ text: "a", image: "data:," }] },
      400,
      "passages[0].image",
      "cannot be ranked here",
    ],
    [
      "/v1/ranking",
      { model, query: { text: "q" }, passages: documents.map((text) => ({ text })), top_n: 0 },
      400,
      "top_n",
      "must be at least 1",
    ],
    ["/score", { text_1: ["a", "b"], text_2: documents }, 400, "text_1", "must be one text"],
    ["/score", { text_1: "a", text_2: ["a", 1] }, 400, "text_2[1]", "must be a text"],
    ["/dashscope/reranks", { model, query, documents, instruct: 1 }, 400, "instruct", "must be a text"],
    [
      "/dashscope/services/rerank/text-rerank/text-rerank",
      { model, input: { query, documents: [1] } },
      400,
      "input.documents[0]",
      "must be a text or an object",
    ],
    [
      "/dashscope/services/rerank/text-rerank/text-rerank",
      { model, input: { query, documents }, parameters: { api_key: "k" } },
      400,
      "api_key",
      "cannot choose",
    ],
  ])("%s: %j names the field as the client knows it", async (path, body, status, param, message) => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    const response = await proxy.post(path, body);
    const answer = await response.json();
    expect(answer).toMatchObject({ message: expect.stringContaining(message), detail: answer.message });
    // Voyage's own clients break over an object there.
    if (path.startsWith("/voyage")) expect(answer).not.toHaveProperty("error");
    else expect(answer).toMatchObject({ error: { param } });
    expect(answer.message.slice(0, param.length + 2)).toBe(`${param}: `);
    expect(answer.detail).toBe(answer.message);
    expect(response.status).toBe(status);
  });

  it.each(exchanges)(
    "$paths.0 is in its format before a route has read anything",
    async ({ paths: [path = ""], body }) => {
      const yaml = oneModel("http://127.0.0.1:9", "general_settings: { master_key: sk-master-1234567 }");
      await using proxy = await startProxy({ yaml });
      const response = await proxy.post(path, body);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({
        message: expect.stringContaining("a key is needed"),
        ...(path.startsWith("/dashscope") && { code: "InvalidApiKey", request_id: id }),
        ...(path.startsWith("/pinecone") && { status: 401 }),
        ...(path.startsWith("/weaviate") && { error: expect.stringContaining("a key is needed") }),
      });
    },
  );

  it("has FastAPI's list for clients of Infinity where the upstream refuses a document", async () => {
    await using upstream = await startUpstream(({ outgoing }) =>
      sendJson(outgoing, { error: "Input validation error", error_type: "Validation" }, {}, 422),
    );
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post("/infinity/rerank", { query: "q", documents: ["a"] });
    const answer = await response.json();
    expect(response.status).toBe(422);
    expect(answer.detail).toEqual([{ loc: ["body", "documents", 0], msg: answer.message, type: "provider_rejected" }]);
    expect((await (await proxy.post("/infinity/rerank", { query: "q" })).json()).detail).toBe("documents: is required");
  });

  it.each(exchanges)("$paths.0 obeys the limits of its key", async ({ paths: [path = ""], body }) => {
    await using upstream = await startUpstream();
    const keys = `general_settings:
  master_key: sk-master-1234567
  max_request_size_mb: 0.001
  keys:
    - { name: other, key: os.environ/OTHER, models: [another] }
    - { name: small, key: os.environ/SMALL, max_documents: 2 }
    - { name: slow, key: os.environ/SLOW, rpm: 1 }
    - { name: few, key: os.environ/FEW, dpm: 3 }`;
    await using proxy = await startProxy({
      yaml: oneModel(upstream.url, keys),
      environment: { OTHER: "sk-other", SMALL: "sk-small", SLOW: "sk-slow", FEW: "sk-few" },
    });
    const as = async (key: string, sent: unknown = body): Promise<number> =>
      (await proxy.post(path, sent, { authorization: `Bearer ${key}` })).status;
    expect(await as("sk-other", { ...body, model: "bge" })).toBe(403);
    expect(await as("sk-small")).toBe(400);
    expect([await as("sk-slow"), await as("sk-slow")]).toEqual([200, 429]);
    expect([await as("sk-few"), await as("sk-few")]).toEqual([200, 429]);
    expect(await as("sk-master-1234567", { ...body, more: "x".repeat(1_000) })).toBe(413);
    expect(upstream.requests).toHaveLength(2);
  });
});

it.each([
  ["/nvidia/v1/ranking", (list: unknown) => ({ model: "bge", query: { text: "q" }, passages: list }), "passages[0]"],
  ["/score", (list: unknown) => ({ model: "bge", text_1: "q", text_2: list }), "text_2[0]"],
  ["/mixedbread/v1/reranking", (list: unknown) => ({ model: "bge", query: "q", input: list }), "input"],
])("%s looks at a list no further than the first mistake in it", (path, bodyWith, param) => {
  let seen = 0;
  const list = new Proxy(
    Array.from({ length: 100_000 }, () => 1),
    {
      get(target, name, receiver): unknown {
        if (/^\d+$/.test(String(name))) seen++;
        return Reflect.get(target, name, receiver);
      },
    },
  );
  const format = foreignFormats.find((one) => one.path === path);
  const read = (): unknown => format?.read(bodyWith(list), () => "bge");
  // What core takes as it is, core checks.
  if (param === "input") expect(read()).toMatchObject({ request: { model: "bge" } });
  else expect(read).toThrow(expect.objectContaining({ param }));
  expect(seen).toBeLessThan(10);
});
