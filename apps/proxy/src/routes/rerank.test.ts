import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { type Proxy, oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { type Answer, sendJson, startUpstream } from "../fixtures/start-upstream.ts";

const documents = ["0.1 a", "0.9 b", "0.5 c"];
const request = { model: "bge", query: "q", documents };

describe("POST /rerank, /v1/rerank and /v2/rerank", () => {
  it.each(["/rerank", "/v1/rerank", "/v2/rerank", "/v2/rerank/"])(
    "%s ranks documents through a server that is configured",
    async (path) => {
      await using upstream = await startUpstream();
      await using proxy = await startProxy({ yaml: oneModel(upstream.url) });

      const response = await proxy.post(path, { ...request, top_n: 2 });

      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/json");
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
          billed_units: {},
          tokens: { input_tokens: 30, output_tokens: 0 },
          score_kind: "probability",
        },
        usage: { prompt_tokens: 30, completion_tokens: 0, total_tokens: 30 },
      });
      expect(upstream.requests).toEqual([expect.objectContaining({ query: "q", texts: documents })]);
    },
  );

  it("says with `explain` which deployment scored what, and no address", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post("/rerank", { ...request, explain: true });
    const { meta } = v.parse(v.object({ meta: v.object({ explain: v.unknown() }) }), await response.json());
    const deployment = response.headers.get("x-dheera-model-id");
    expect(meta.explain).toMatchObject({
      calls: [{ deployment, model: "bge", documents: [0, 1, 2], attempt: 0 }],
      sources: ["computed", "computed", "computed"],
    });
    expect(JSON.stringify(meta.explain)).not.toContain("127.0.0.1");
  });

  it("takes nulls, unknown fields and booleans as texts, as clients send them", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post("/v1/rerank", {
      ...request,
      top_n: null,
      max_chunks_per_doc: null,
      max_tokens_per_doc: null,
      rank_fields: null,
      api_key: null,
      return_documents: "true",
      user: "somebody",
      priority: 0,
    });
    expect(response.status).toBe(200);
    expect(await resultsOf(response)).toEqual([
      { index: 1, relevance_score: 0.9, document: { text: "0.9 b" } },
      { index: 2, relevance_score: 0.5, document: { text: "0.5 c" } },
      { index: 0, relevance_score: 0.1, document: { text: "0.1 a" } },
    ]);
  });

  it("ignores the content type", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    for (const contentType of ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"])
      expect((await proxy.post("/rerank", request, { "content-type": contentType })).status).toBe(200);
  });

  it("reports retries, batches and times in headers", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const { headers } = await proxy.post("/rerank", {
      ...request,
      documents: Array.from({ length: 40 }, (_, i) => `${i}`),
    });
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-dheera-call-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "x-dheera-model-id": expect.stringMatching(/^bge-/),
      "x-dheera-model-name": "bge",
      "x-dheera-attempted-retries": "0",
      "x-dheera-attempted-fallbacks": "0",
      "x-dheera-batches": "2",
      "x-dheera-response-duration-ms": expect.stringMatching(/^\d+\.\d\d$/),
      "x-dheera-overhead-duration-ms": expect.stringMatching(/^\d+\.\d\d$/),
    });
  });

  it.each([
    ["x-dheera-call-id", "my-id.1:2", true],
    ["x-litellm-call-id", "my-id", true],
    ["x-dheera-call-id", "not sane", false],
    ["x-dheera-call-id", "x".repeat(129), false],
  ])("takes over a call id that is sane: %s: %s", async (header, id, taken) => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post("/rerank", request, { [header]: id });
    expect((await bodyOf(response)).id === id).toBe(taken);
    expect(response.headers.get("x-dheera-call-id") === id).toBe(taken);
  });

  it("remembers scores when that is configured", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, "dheera_ai_settings: { cache: true }") });
    await proxy.post("/rerank", request);
    const { headers } = await proxy.post("/rerank", { ...request, documents: [...documents, "0.7 d"] });
    expect([headers.get("x-dheera-cache-hits"), headers.get("x-dheera-cache-misses")]).toEqual(["3", "1"]);
    expect(upstream.requests.at(-1)).toMatchObject({ texts: ["0.7 d"] });
  });

  it("cancels what it asked of the upstream when the client goes away", async () => {
    const asked = Promise.withResolvers<void>();
    await using upstream = await startUpstream(() => asked.resolve());
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const client = new AbortController();
    const response = fetch(`${proxy.url}/rerank`, {
      method: "POST",
      body: JSON.stringify(request),
      signal: client.signal,
    });
    await asked.promise;
    client.abort();
    await expect(response).rejects.toThrow();
    await expect.poll(() => upstream.aborted).toBe(1);
  });
});

describe("a client of Text Embeddings Inference", () => {
  it("gets a bare list, sorted", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post("/rerank", {
      query: "q",
      texts: documents,
      truncation_direction: "Right",
      raw_scores: false,
    });
    expect(await response.json()).toEqual([
      { index: 1, score: 0.9 },
      { index: 2, score: 0.5 },
      { index: 0, score: 0.1 },
    ]);
  });

  it("gets the tokens that all calls used under the server's own name", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const texts = Array.from({ length: 70 }, (_, index) => `0.1 ${index}`);
    const response = await proxy.post("/rerank", { query: "q", texts });
    expect([response.headers.get("x-dheera-batches"), response.headers.get("x-compute-tokens")]).toEqual(["3", "700"]);
    expect((await proxy.post("/rerank", request)).headers.has("x-compute-tokens")).toBe(false);
  });

  it("gets texts when it asks for them, and the model it names", async () => {
    await using upstream = await startUpstream();
    const yaml = oneModel(upstream.url).replace(
      "model_list:",
      "model_list:\n  - { model_name: first, dheera_ai_params: { model: bm25/default } }",
    );
    await using proxy = await startProxy({ yaml });
    const response = await proxy.post("/rerank", { model: "bge", query: "q", texts: ["0.1 a"], return_text: true });
    expect(await response.json()).toEqual([{ index: 0, score: 0.1, text: "0.1 a" }]);
  });

  it.each(["/v1/rerank", "/v2/rerank"])("is told where to go by %s, whose answers have one shape", async (path) => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    const response = await proxy.post(path, { query: "q", texts: ["a"] });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { param: "documents", message: expect.stringContaining("goes to POST /rerank") } },
    ]);
  });

  it("gets errors in its own format, with the fields of the proxy's own format", async () => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    const cases: readonly (readonly [body: object, status: number, type: string, message: string])[] = [
      [{ query: "q", texts: [] }, 400, "Empty", "texts: must hold at least one text"],
      [{ query: "q", texts: "a" }, 400, "Validation", "texts: must be a list of texts"],
      [{ query: "q", texts: ["a", 1] }, 400, "Validation", "texts[1]: must be a text"],
      [{ query: "q", texts: Array.from({ length: 10_000 }, () => 1) }, 400, "Validation", "texts[0]: must be a text"],
      [{ texts: ["a"] }, 400, "Validation", "query: is required"],
      [
        { query: "q", texts: ["a"], truncation_direction: "up" },
        400,
        "Validation",
        "truncation_direction: must be Left or Right",
      ],
      [{ query: "q", texts: ["a"], model: "nobody" }, 404, "Validation", 'model: "nobody" is not known'],
      [{ query: "q", texts: ["a"] }, 502, "Backend", "huggingface could not be reached (ECONNREFUSED)"],
    ];
    for (const [body, status, type, message] of cases) {
      const response = await proxy.post("/rerank", body);
      expect(response.status).toBe(status);
      const answer: unknown = await response.json();
      expect(answer).toMatchObject({
        error: expect.stringContaining(message),
        error_type: type,
        message: expect.stringContaining(message),
      });
    }
  });
});

describe("a request that names no model, as clients of servers with one model send it", () => {
  const keys = `general_settings:
  master_key: sk-master-1234567
  keys:
    - { name: one, key: os.environ/ONE, models: [bge] }
    - { name: none, key: os.environ/NONE, models: [another] }
    - { name: any, key: os.environ/ANY }`;
  const environment = { ONE: "sk-one", NONE: "sk-none", ANY: "sk-any" };

  it.each([
    ["/rerank", "sk-one", 200, undefined],
    ["/rerank", "sk-none", 400, "model: is required"],
    ["/rerank", "sk-any", 400, "model: is required"],
    ["/rerank", "sk-master-1234567", 400, "model: is required"],
    ["/v2/rerank", "sk-one", 400, "model: is required"],
  ])("is answered at %s to the key %s with %i", async (path, key, status, message) => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, keys), environment });
    for (const model of [undefined, null]) {
      const response = await proxy.post(path, { model, query: "q", documents }, { authorization: `Bearer ${key}` });
      const said = message === undefined ? undefined : expect.stringContaining(message);
      expect([response.status, (await response.json()).message]).toEqual([status, said]);
    }
  });
});

describe("the first model of a key, where a request names none", () => {
  // The configuration has the model `words` after `bge`.
  const yaml = `model_list:
  - { model_name: bge, dheera_ai_params: { model: bm25/default } }
  - { model_name: words, dheera_ai_params: { model: bm25/default } }
  - { model_name: "cohere/*", dheera_ai_params: { model: "cohere/*", api_key: k } }
general_settings:
  keys:
    - { name: two, key: os.environ/TWO, models: [gone, "cohere/*", words, bge] }
    - { name: wild, key: os.environ/WILD, models: ["cohere/*"] }`;
  const environment = { TWO: "sk-two", WILD: "sk-wild" };

  it.each([
    ["/rerank", { query: "q", documents }],
    ["/infinity/rerank", { query: "q", documents }],
    ["/weaviate/rerank", { query: "q", documents }],
  ])("is at %s the first that the key names and the proxy has", async (path, body) => {
    await using proxy = await startProxy({ yaml, environment });
    const ranked = await proxy.post(path, body, { authorization: "Bearer sk-two" });
    expect(ranked.status).toBe(200);
    expect(ranked.headers.get("x-dheera-model-id")).toMatch(/^words-/);
    const info = await proxy.get("/info", { authorization: "Bearer sk-two" });
    expect(await info.json()).toMatchObject({ model_id: "words" });
  });

  it("is none of those that an asterisk stands for", async () => {
    await using proxy = await startProxy({ yaml, environment });
    for (const path of ["/rerank", "/v2/rerank"]) {
      const response = await proxy.post(path, { query: "q", documents }, { authorization: "Bearer sk-wild" });
      expect([response.status, (await response.json()).message]).toEqual([
        400,
        expect.stringContaining("model: is required"),
      ]);
    }
  });
});

describe("bad requests", () => {
  it.each([
    ["no documents", { ...request, documents: [] }, 400, "documents", "must hold at least one document"],
    ["missing documents", { model: "bge", query: "q" }, 400, "documents", "is required"],
    [
      "documents that are none",
      { ...request, documents: ["a", 1] },
      400,
      "documents[1]",
      "must be a text or an object",
    ],
    ["an empty query", { ...request, query: " " }, 400, "query", "must not be empty"],
    ["a missing query", { model: "bge", documents }, 400, "query", "is required"],
    ["no model", { query: "q", documents }, 400, "model", "is required"],
    ["an unknown model", { ...request, model: "nobody" }, 404, "model", '"nobody" is not known; configured are: bge'],
    [
      "a provider's model that is not configured",
      { ...request, model: "huggingface/BAAI/x" },
      404,
      "model",
      "is not known",
    ],
    [
      "10,001 documents",
      { ...request, documents: Array.from({ length: 10_001 }, () => "a") },
      400,
      "documents",
      "10001 documents are more than the 10000 allowed",
    ],
    ["top_n of 0", { ...request, top_n: 0 }, 400, "top_n", "must be at least 1"],
    ["a list", [], 400, null, "must be a JSON object"],
    ["a text", '"text"', 400, null, "must be a JSON object"],
    ["nothing", "", 400, null, "the body is empty"],
    ["no JSON", "{ query: secret }", 400, null, "the body is not valid JSON"],
    ["data without a bottom", "[".repeat(50_000) + "]".repeat(50_000), 400, null, "nested more than 100 levels deep"],
    [
      "a document without a bottom",
      `{"model":"bge","query":"q","documents":[${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}]}`,
      400,
      null,
      "nested",
    ],
  ])("with %s are refused with the field and what to do", async (_name, body, status, param, message) => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post("/v2/rerank", body);
    expect(response.status).toBe(status);
    const answer = await bodyOf(response);
    expect(answer).toEqual({
      id: response.headers.get("x-dheera-call-id"),
      message: expect.stringContaining(message),
      // haystack-jina, llama-index-jina and langchain's JinaRerank read it without asking whether it is there.
      detail: answer.message,
      error: {
        message: answer.message,
        type: "invalid_request_error",
        code: status === 404 ? "model_not_found" : "invalid_request",
        param,
      },
    });
    expect(JSON.stringify(answer)).not.toContain("secret");
    expect(upstream.requests).toEqual([]);
  });

  it.each([
    "api_base",
    "api_key",
    "base_url",
    "user_config",
    "headers",
    "extra_headers",
    "litellm_params",
    "custom_llm_provider",
  ])("cannot choose the upstream with %s", async (field) => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post("/rerank", { ...request, [field]: "http://169.254.169.254" });
    expect(response.status).toBe(400);
    expect(await bodyOf(response)).toMatchObject({
      message: expect.stringContaining(`${field}: a request cannot choose the upstream`),
      error: { param: field },
    });
    expect(upstream.requests).toEqual([]);
  });

  it("are refused before they are read whole when they are too large", async () => {
    await using proxy = await startProxy({
      yaml: oneModel("http://127.0.0.1:9", "general_settings: { max_request_size_mb: 0.01 }"),
    });
    const big = JSON.stringify({ ...request, documents: ["x".repeat(20_000)] });
    const announced = await proxy.post("/rerank", big);
    expect(announced.status).toBe(413);
    expect((await bodyOf(announced)).message).toContain(
      "larger than the 0.01 MB allowed (general_settings.max_request_size_mb)",
    );

    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(new TextEncoder().encode("x".repeat(1_000)));
        controller.close();
      },
    });
    const init: RequestInit & { duplex: "half" } = { method: "POST", body: pieces, duplex: "half" };
    expect((await fetch(`${proxy.url}/rerank`, init)).status).toBe(413);
  });

  it("are served when they arrive in pieces", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const text = new TextEncoder().encode(JSON.stringify({ ...request, query: "äöü" }));
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of text) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const init: RequestInit & { duplex: "half" } = { method: "POST", body: pieces, duplex: "half" };
    expect((await fetch(`${proxy.url}/rerank`, init)).status).toBe(200);
    expect(upstream.requests).toEqual([expect.objectContaining({ query: "äöü" })]);
  });

  it("with bytes that are not UTF-8 are refused", async () => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    const body = new Uint8Array([
      ...new TextEncoder().encode('{"model":"bge","query":"'),
      0xff,
      0xfe,
      ...new TextEncoder().encode('","documents":["a"]}'),
    ]);
    const response = await fetch(`${proxy.url}/rerank`, { method: "POST", body });
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).message).toBe("the body is not valid UTF-8");
  });

  it("with keys that are dangerous in JavaScript, or that come twice, do no harm", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post(
      "/rerank",
      '{"__proto__":{"top_n":1},"constructor":{"prototype":{"x":1}},"model":"nobody","model":"bge","query":"q","documents":[{"__proto__":"0.3","text":"0.5"},{"text":"0.9"}]}',
    );
    expect(response.status).toBe(200);
    expect(await resultsOf(response)).toHaveLength(2);
    expect(Object.prototype).not.toHaveProperty("x");
  });
});

describe("a failing upstream", () => {
  it.each<[name: string, answer: Answer, status: number, code: string, retryAfter: string | null]>([
    ["that refuses our key", ({ outgoing }) => sendJson(outgoing, {}, {}, 401), 502, "provider_auth", null],
    [
      "that limits us",
      ({ outgoing }) => sendJson(outgoing, {}, { "retry-after": "7" }, 429),
      429,
      "provider_rate_limited",
      "7",
    ],
    [
      "that answers with a redirect",
      ({ outgoing }) => void outgoing.writeHead(302, { location: "http://169.254.169.254/" }).end(),
      502,
      "provider_failed",
      null,
    ],
    [
      "that answers HTML",
      ({ outgoing }) => void outgoing.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      502,
      "provider_bad_response",
      null,
    ],
    [
      "that answers nonsense",
      ({ outgoing }) => sendJson(outgoing, [{ index: 7, score: 1 }]),
      502,
      "provider_bad_response",
      null,
    ],
    ["that says too much", ({ outgoing }) => sendJson(outgoing, "x".repeat(2_000)), 502, "provider_bad_response", null],
    ["that hangs up", ({ outgoing }) => void outgoing.destroy(), 502, "provider_unreachable", null],
  ])("%s becomes an error that says whose fault it is", async (_name, answer, status, code, retryAfter) => {
    await using upstream = await startUpstream(answer);
    const yaml = oneModel(
      upstream.url,
      "router_settings: { num_retries: 0, timeout: 20 }\ngeneral_settings: { max_response_size_mb: 0.001 }",
      "api_key: sk-upstream",
    );
    await using proxy = await startProxy({ yaml });
    const response = await proxy.post("/rerank", request);
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe(retryAfter);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code, type: "upstream_error" } });
    expect(text).not.toMatch(/sk-upstream|0\.9 b/);
  });

  it("that hangs is cancelled when the request's time is over", async () => {
    await using upstream = await startUpstream(() => {});
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post("/rerank", { ...request, timeout: 0.2 });
    expect(response.status).toBe(504);
    expect(await bodyOf(response)).toMatchObject({ error: { code: "timeout" } });
  });
});

describe("a key of the list", () => {
  const settings = `
general_settings:
  keys:
    - { name: search, key: os.environ/SEARCH, models: [bge], max_documents: 2, rpm: 3 }
    - { name: slow, key: os.environ/SLOW, max_parallel_requests: 1 }
    - { name: elsewhere, key: os.environ/ELSEWHERE, models: [other] }
`;
  const environment = { SEARCH: "sk-search", SLOW: "sk-slow", ELSEWHERE: "sk-elsewhere" };

  it("may do what its entry allows and no more", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, settings), environment });
    const post = (key: string, body: object): Promise<Response> =>
      proxy.post("/rerank", body, { authorization: `Bearer ${key}` });

    expect((await proxy.post("/rerank", request)).status).toBe(401);
    const forbidden = await post("sk-elsewhere", request);
    expect(forbidden.status).toBe(403);
    expect((await bodyOf(forbidden)).message).toBe('the key elsewhere may not use the model "bge"; it may use other');
    const tooMany = await post("sk-search", request);
    expect(tooMany.status).toBe(400);
    expect((await bodyOf(tooMany)).message).toContain(
      "3 documents are more than the 2 that the key search may send at once",
    );
    const allowed = await post("sk-search", { ...request, documents: ["0.1", "0.2"] });
    expect(allowed.status).toBe(200);
    // The refused request counts.
    expect(allowed.headers.get("x-ratelimit-remaining-requests")).toBe("1");
  });

  it("may name a deployment by its id and fallbacks where it may use their models", async () => {
    await using upstream = await startUpstream();
    const yaml = `
model_list:
  - { model_name: bge, dheera_ai_params: { model: huggingface/a, api_base: "${upstream.url}" }, model_info: { id: one } }
  - { model_name: words, dheera_ai_params: { model: bm25/default }, model_info: { id: two } }
${settings}`;
    await using proxy = await startProxy({ yaml, environment });
    const post = (more: object): Promise<Response> =>
      proxy.post("/rerank", { ...request, documents: ["0.5"], ...more }, { authorization: "Bearer sk-search" });
    const byId = await post({ model: "one" });
    expect([byId.status, byId.headers.get("x-dheera-model-id")]).toEqual([200, "one"]);
    const refused = await post({ model: "two" });
    // The name behind an id is not told.
    expect([refused.status, (await bodyOf(refused)).message]).toEqual([
      403,
      'the key search may not use the model "two"; it may use bge',
    ]);
    expect((await post({ fallbacks: ["words"] })).status).toBe(403);
  });

  it("gets 429 with the time to wait when its requests are used up", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, settings), environment });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await postAs(proxy, "sk-search")).status);
    const refused = await postAs(proxy, "sk-search");
    expect([...statuses, refused.status]).toEqual([200, 200, 200, 429]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(upstream.requests).toHaveLength(3);
  });

  it("gets 429 while it has as many requests in flight as it may have", async () => {
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    await using upstream = await startUpstream(async ({ outgoing }) => {
      asked.resolve();
      await go.promise;
      sendJson(outgoing, [{ index: 0, score: 1 }]);
    });
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, settings), environment });
    const first = postAs(proxy, "sk-slow");
    await asked.promise;
    const second = await postAs(proxy, "sk-slow");
    expect(second.status).toBe(429);
    expect((await bodyOf(second)).message).toContain("the key slow has 1 requests in flight, which is its limit");
    go.resolve();
    expect((await first).status).toBe(200);
    expect((await postAs(proxy, "sk-slow")).status).toBe(200);
  });
});

describe("a model of the configuration that cannot be served", () => {
  it("answers which variable is missing, while others serve and fallbacks take over", async () => {
    await using upstream = await startUpstream();
    const yaml = `
model_list:
  - { model_name: keyless, dheera_ai_params: { model: huggingface/a, api_base: "${upstream.url}", api_key: os.environ/UNSET_KEY } }
  - { model_name: covered, dheera_ai_params: { model: huggingface/a, api_base: "${upstream.url}", api_key: os.environ/UNSET_KEY } }
  - { model_name: bge, dheera_ai_params: { model: huggingface/a, api_base: "${upstream.url}" } }
  - { model_name: gpt-4o, litellm_params: { model: openai/gpt-4o, api_key: os.environ/UNSET_KEY } }
router_settings: { fallbacks: [{ covered: [bge] }] }
`;
    await using proxy = await startProxy({ yaml });
    const keyless = await proxy.post("/rerank", { ...request, model: "keyless" });
    expect(keyless.status).toBe(502);
    expect((await bodyOf(keyless)).message).toContain(
      "api_key needs the environment variable UNSET_KEY, which is not set",
    );

    const covered = await proxy.post("/rerank", { ...request, model: "covered" });
    expect(await bodyOf(covered)).toMatchObject({ model: "bge" });
    expect(covered.headers.get("x-dheera-attempted-fallbacks")).toBe("1");

    const chat = await proxy.post("/rerank", { ...request, model: "gpt-4o" });
    expect(chat.status).toBe(404);
    expect((await bodyOf(chat)).message).toMatch(
      /^the model gpt-4o cannot rerank here: openai\/… are chat and embedding models; for a reranker set model_info/,
    );
  });
});

describe("other paths and methods", () => {
  it.each([
    "//v1/rerank",
    "/v1//rerank",
    "//rerank/",
    "/reranking",
    "/v1/reranking",
    "/v1/v1/rerank",
    "/v1/v2/rerank",
    "/v2/v2/rerank",
  ])("that clients make of the documented ones rerank as well: %s", async (path) => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const response = await proxy.post(path, request);
    expect(response.status).toBe(200);
    expect(await resultsOf(response)).toHaveLength(3);
  });

  it("keep their slashes where nothing is reranked, so that a filter before the proxy is not passed by", async () => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    for (const path of ["//v1/models", "/health//liveliness"]) expect((await proxy.get(path)).status).toBe(404);
  });

  it.each([
    ["/voyage/v1/embeddings", "/voyage/v1/rerank"],
    [
      "/dashscope/v1/x",
      "/dashscope/compatible-api/v1/reranks and /dashscope/api/v1/services/rerank/text-rerank/text-rerank",
    ],
    ["/v1/rank", "/v2/rerank, /v1/rerank and /rerank"],
    ["/scores/x", "/v2/rerank, /v1/rerank and /rerank"],
  ])("that are wrong below a prefix for the clients of another server name the right one: %s", async (path, right) => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    const response = await proxy.post(path, {});
    expect([response.status, (await bodyOf(response)).message]).toEqual([
      404,
      `there is nothing at this path; reranking is at POST ${right}`,
    ]);
  });

  it("tell Cohere's client whether its key is good", async () => {
    const yaml = oneModel("http://127.0.0.1:9", "general_settings: { master_key: sk-master }");
    await using proxy = await startProxy({ yaml });
    const check = (key: string): Promise<Response> =>
      proxy.post("/v1/check-api-key", {}, { authorization: `Bearer ${key}` });
    expect(await (await check("sk-master")).json()).toEqual({ valid: true });
    expect((await check("sk-other")).status).toBe(401);
  });

  it("are answered in JSON", async () => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    const get = await proxy.get("/v2/rerank");
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    expect(await get.json()).toMatchObject({
      message: "/v2/rerank answers to POST, not to GET",
      error: { code: "method_not_allowed" },
    });
    const nowhere = await proxy.post("/v1/chat/completions", {});
    expect(nowhere.status).toBe(404);
    expect(await nowhere.json()).toMatchObject({
      message: expect.stringContaining("POST /v2/rerank"),
      error: { code: "not_found" },
    });
  });
});

function postAs(proxy: Proxy, key: string): Promise<Response> {
  return proxy.post("/rerank", { ...request, documents: ["0.5"] }, { authorization: `Bearer ${key}` });
}

async function bodyOf(
  response: Response,
): Promise<{ readonly id?: unknown; readonly message?: unknown; readonly results?: unknown }> {
  return response.json();
}

async function resultsOf(response: Response): Promise<unknown> {
  return (await bodyOf(response)).results;
}
