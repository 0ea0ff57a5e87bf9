import {
  createDheera,
  type RerankRequest,
  type RerankResponse,
  type ScoreParams,
  type ScoreResult,
} from "@dheera-ai/core";
import {
  type Reply,
  type ScriptedServer,
  testProvider,
  testTarget,
  type UpstreamRequest,
  withServer,
} from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import { cohere } from "./row-providers.ts";

const provider = cohere({ environment: {} });
const query = "What is the capital of the United States?";
const documents = ["Carson City", "Washington, D.C."];
const results = [
  { index: 1, relevance_score: 0.9 },
  { index: 0, relevance_score: 0.1 },
];

testProvider(
  {
    provider,
    model: "rerank-v3.5",
    providerOptions: {
      accepted: [{}, { priority: 0 }, { priority: 999 }],
      refused: [{ priority: -1 }, { priority: 1000 }, { priority: 1.5 }, { priority: "high" }, { top_k: 3 }],
    },
    upstream: {
      path: "/v2",
      readRequest: ({ body }) => ({ query: body["query"], documents: body["documents"] }),
      answer: (scores) => ({
        body: {
          id: "3f0e6f0c",
          results: scores.map(({ index, score }) => ({ index, relevance_score: score })),
          meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
        },
        usage: { searchUnits: 1 },
      }),
      answerWithoutUsage: (scores) => ({
        body: { results: scores.map(({ index, score }) => ({ index, relevance_score: score })) },
      }),
    },
  },
  { describe, test },
);

describe("a request", () => {
  test("holds model, query and documents, and never top_n or return_documents", async () => {
    const [request] = await exchange();
    expect(request).toMatchObject({ method: "POST", path: "/v2/rerank", headers: { authorization: "Bearer given" } });
    expect(request?.body).toEqual({ model: "rerank-v3.5", query, documents });
  });

  test("hands parameters to servers that may know them", async () => {
    const params = {
      truncate: false,
      truncationDirection: "left",
      rawScores: true,
      instruction: "prefer capitals",
      maxTokensPerDocument: 64,
    } as const;
    const [request] = await exchange({ params });
    expect(request?.body).toEqual({
      model: "rerank-v3.5",
      query,
      documents,
      truncate: false,
      truncation_direction: "left",
      raw_scores: true,
      instruction: "prefer capitals",
      max_tokens_per_doc: 64,
    });
  });

  test("goes to the base as it is when that ends in /rerank, query string included", async () => {
    expect((await exchange({ path: "/proxy/v1/rerank?version=2" }))[0]?.path).toBe("/proxy/v1/rerank?version=2");
    expect((await exchange({ path: "/proxy/v1/" }))[0]?.path).toBe("/proxy/v1/rerank");
  });

  test("carries no key of the environment to a server that is not Cohere's", async () => {
    const environment = { CO_API_KEY: "implicit", COHERE_API_KEY: "implicit" };
    const [request] = await exchange({ provider: cohere({ environment }), apiKey: undefined });
    expect(request?.headers).not.toHaveProperty("authorization");
  });
});

describe("a server of one's own at a base without a path", () => {
  const rank = (known: readonly string[], apiBase = ""): Promise<readonly string[]> =>
    withServer(
      ({ path }) => (known.includes(path) ? { body: { results } } : { status: 404, body: { error: "not found" } }),
      async ({ url, requests }) => {
        const scorer = provider.connect(testTarget({ model: "bge", apiBase: url + apiBase, apiKey: "given" }));
        const call = { query, documents, params: {}, providerOptions: {}, signal: new AbortController().signal };
        const twice = [await settled(scorer.score(call)), await settled(scorer.score(call))];
        return [...requests.map(({ path }) => path), ...twice];
      },
    );
  const settled = (outcome: Promise<ScoreResult>): Promise<string> =>
    outcome.then(
      () => "scores",
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );

  test("is asked at the path that it knows, which is remembered", async () => {
    expect(await rank(["/rerank"])).toEqual(["/v2/rerank", "/v1/rerank", "/rerank", "/rerank", "scores", "scores"]);
    expect(await rank(["/v1/rerank", "/rerank"])).toEqual([
      "/v2/rerank",
      "/v1/rerank",
      "/v1/rerank",
      "scores",
      "scores",
    ]);
    expect(await rank(["/v2/rerank", "/rerank"])).toEqual(["/v2/rerank", "/v2/rerank", "scores", "scores"]);
  });

  test("fails as at the first path where it knows none, and a base with a path is asked there alone", async () => {
    const unknown = "the server (cohere/bge) does not know this path or model; check api_base and model (HTTP 404)";
    expect((await rank([])).slice(-2)).toEqual([unknown, unknown]);
    expect(await rank(["/rerank"], "/v1")).toEqual(["/v1/rerank", "/v1/rerank", unknown, unknown]);
  });
});

describe("Cohere's own API", () => {
  test("is the default, at its second version, with the key of the environment", async () => {
    const environment = { COHERE_API_KEY: " first\n", CO_API_KEY: "second" };
    const { requests } = await askCohere({ environment });
    expect(requests).toMatchObject([{ path: "/v2/rerank", headers: { authorization: "Bearer first" } }]);
  });

  test("is asked with a priority where the request or the deployment gives one", async () => {
    const { requests } = await askCohere({
      environment: { CO_API_KEY: "key" },
      request: { provider_options: { cohere: { priority: 7 } } },
    });
    expect(requests.map(({ body }) => body)).toEqual([{ model: "rerank-v3.5", query, documents, priority: 7 }]);
  });

  test("is known by its older address", async () => {
    const target = testTarget({ model: "rerank-v3.5", apiBase: "https://api.cohere.ai" });
    expect(await provider.connect(target).profile(new AbortController().signal)).toMatchObject({
      billing: "per-search",
      fingerprint: "cohere rerank-v3.5",
    });
  });

  test("is known by its address, also without a version", async () => {
    const environment = { COHERE_API_KEY: "second" };
    for (const api_base of [
      "https://api.cohere.com",
      "https://api.cohere.com/v2",
      "https://api.cohere.com/v2/rerank",
    ]) {
      const { requests } = await askCohere({ environment, request: { api_base } });
      expect(requests).toMatchObject([{ path: "/v2/rerank", headers: { authorization: "Bearer second" } }]);
    }
  });

  test("gets the given key rather than that of the environment", async () => {
    const { requests } = await askCohere({ environment: { CO_API_KEY: "implicit" }, request: { api_key: "given" } });
    expect(requests).toMatchObject([{ headers: { authorization: "Bearer given" } }]);
  });

  test("gets only the fields it has, and the answer says what had no effect", async () => {
    const { requests, response } = await askCohere({
      environment: { CO_API_KEY: "key" },
      request: {
        truncate: false,
        raw_scores: true,
        instruction: "prefer capitals",
        truncation_direction: "left",
        max_tokens_per_doc: 64,
      },
    });
    expect(requests.map(({ body }) => body)).toEqual([
      { model: "rerank-v3.5", query, documents, max_tokens_per_doc: 64 },
    ]);
    expect(response?.meta.warnings).toEqual([
      "Cohere has no truncate: false; it had no effect",
      "Cohere has no truncation_direction: left; it had no effect",
      "Cohere has no raw_scores: true; it had no effect",
      "Cohere has no instruction; it had no effect",
    ]);
  });

  test("gives probabilities", async () => {
    const { response } = await askCohere({ environment: { CO_API_KEY: "key" } });
    expect(response?.meta.score_kind).toBe("probability");
  });

  test("is not asked without a key, and the error says where to put one", async () => {
    const { requests, failure } = await askCohere({ environment: {} });
    expect(requests).toHaveLength(0);
    expect(failure).toMatchObject({ code: "provider_auth", message: expect.stringContaining("COHERE_API_KEY") });
  });
});

describe("Rerank 5", () => {
  const spans = [{ start: 11, end: 21, score: 0.8 }];
  const withSpans = {
    results: [
      { index: 1, relevance_score: 0.9, relevant_spans: spans },
      { index: 0, relevance_score: 0.1, relevant_spans: [] },
    ],
    meta: { api_version: { version: "2" }, billed_units: { input_tokens: 2_000_000 } },
  };

  test("is asked for relevant spans as Cohere's own clients ask, and hands them on by document", async () => {
    const { requests, response } = await askCohere({
      environment: { COHERE_API_KEY: "key" },
      request: { model: "cohere/rerank-v5.0-pro", relevant_spans: { mode: "enabled", threshold: 0.2, max_spans: 3 } },
      answer: withSpans,
    });
    expect(requests.map(({ body }) => body)).toEqual([
      {
        model: "rerank-v5.0-pro",
        query,
        documents,
        relevant_spans: { mode: "enabled", threshold: 0.2, max_spans: 3 },
      },
    ]);
    expect(response?.results).toEqual([
      { index: 1, relevance_score: 0.9, relevant_spans: spans },
      { index: 0, relevance_score: 0.1, relevant_spans: [] },
    ]);
  });

  test("hands on none where nobody asked", async () => {
    const { requests, response } = await askCohere({
      environment: { COHERE_API_KEY: "key" },
      request: { model: "cohere/rerank-v5.0-pro" },
      answer: withSpans,
    });
    expect(requests[0]?.body).not.toHaveProperty("relevant_spans");
    expect(response?.results[0]).toEqual({ index: 1, relevance_score: 0.9 });
  });

  test.each([
    ["rerank-v5.0-pro", 0.1],
    ["rerank-v5.0-fast", 0.04],
  ])("costs what Cohere billed in tokens: %s", async (model, cost) => {
    const { response } = await askCohere({
      environment: { COHERE_API_KEY: "key" },
      request: { model: `cohere/${model}` },
      answer: withSpans,
    });
    expect(response?.usage?.cost).toBeCloseTo(cost, 12);
  });

  test("is not asked for relevant spans in the words of an older model, and the answer says so", async () => {
    const { requests, response } = await askCohere({
      environment: { COHERE_API_KEY: "key" },
      request: { relevant_spans: { mode: "enabled" } },
    });
    expect(requests[0]?.body).not.toHaveProperty("relevant_spans");
    expect(response?.meta.warnings).toEqual([expect.stringContaining("relevant_spans")]);
  });

  test("of older models costs what Cohere billed in searches", async () => {
    const { response } = await askCohere({
      environment: { COHERE_API_KEY: "key" },
      answer: { results, meta: { billed_units: { search_units: 3 } } },
    });
    expect(response?.usage?.cost).toBeCloseTo(0.006, 12);
  });
});

describe("an answer", () => {
  test("tells tokens under any name that servers use", async () => {
    expect(await resultOf({ meta: { tokens: { input_tokens: 7 } }, usage: { total_tokens: 9 } })).toMatchObject({
      usage: { inputTokens: 7 },
    });
    expect(await resultOf({ usage: { prompt_tokens: 8, total_tokens: 9 } })).toMatchObject({
      usage: { inputTokens: 8 },
    });
    expect(await resultOf({ usage: { total_tokens: 9 } })).toMatchObject({ usage: { inputTokens: 9 } });
    // What cannot be added up counts as not said.
    expect(await resultOf({ usage: { total_tokens: 1e300 } })).not.toHaveProperty("usage");
    expect(await resultOf({})).not.toHaveProperty("usage");
  });

  test("tells what was billed rather than what was counted", async () => {
    const meta = {
      billed_units: { search_units: 3, input_tokens: 40, output_tokens: 2 },
      tokens: { input_tokens: 900 },
    };
    expect((await resultOf({ meta })).usage).toEqual({ searchUnits: 3, inputTokens: 40, outputTokens: 2 });
    const usage = { total_tokens: 12, search_units: 1, cost: 0.002 };
    expect((await resultOf({ usage })).usage).toEqual({ searchUnits: 1, inputTokens: 12, cost: 0.002 });
  });

  test("tells what its scores are, which is remembered", async () => {
    await withServer(
      () => ({ body: { results, meta: { score_kind: "logit" } } }),
      async ({ url }) => {
        const scorer = provider.connect(testTarget({ model: "bge", apiBase: url }));
        const { signal } = new AbortController();
        expect(await scorer.profile(signal)).toMatchObject({ scoreKind: "unknown" });
        expect(await scorer.score({ query, documents, params: {}, providerOptions: {}, signal })).toMatchObject({
          scoreKind: "logit",
        });
        expect(await scorer.profile(signal)).toMatchObject({ scoreKind: "logit" });
      },
    );
  });

  test.each([
    ["calibrated", "probability"],
    ["fused", "unknown"],
    ["rank", "rank"],
  ])("says %s of scores that are to be taken for %s", async (score_kind, scoreKind) => {
    expect((await resultOf({ meta: { score_kind } })).scoreKind).toBe(scoreKind);
  });

  test("of raw scores says nothing about the next ones", async () => {
    await withServer(
      () => ({ body: { results, meta: { score_kind: "logit" } } }),
      async ({ url }) => {
        const scorer = provider.connect(testTarget({ model: "bge", apiBase: url }));
        const { signal } = new AbortController();
        await scorer.score({ query, documents, params: { rawScores: true }, providerOptions: {}, signal });
        expect(await scorer.profile(signal)).toMatchObject({ scoreKind: "unknown" });
      },
    );
  });

  test("hands its warnings on, few and short", async () => {
    const warnings = Array.from({ length: 50 }, () => "x".repeat(10_000));
    const result = await resultOf({ meta: { warnings } });
    expect(result.warnings).toHaveLength(10);
    expect(result.warnings?.[0]).toBe(`the upstream warns: ${"x".repeat(300)}`);
  });

  test("with facts of other shapes still counts", async () => {
    for (const meta of [
      null,
      "v2",
      [],
      { tokens: 5, score_kind: "magic", warnings: "none", reranked: "yes" },
      { tokens: { input_tokens: -1 } },
    ]) {
      const result = await resultOf({ meta, usage: null });
      expect(result).toMatchObject({
        scores: results.map(({ index, relevance_score }) => ({ index, score: relevance_score })),
        warnings: [],
      });
      expect(result).not.toHaveProperty("usage");
      expect(result).not.toHaveProperty("scoreKind");
    }
  });

  test("of a proxy that could not rank is no ranking", async () => {
    await expect(resultOf({ meta: { reranked: false } })).rejects.toMatchObject({
      code: "provider_failed",
      retryable: true,
    });
  });
});

describe("a deployment", () => {
  test("is split only above Cohere's cap, because each search costs", async () => {
    const profile = await provider.connect(testTarget({ model: "m" })).profile(new AbortController().signal);
    expect(profile).toMatchObject({
      billing: "per-search",
      scoring: "pointwise",
      limits: { documentsPerCall: 10_000 },
    });
  });

  test("can be declared listwise", async () => {
    const target = testTarget({ model: "m", apiBase: "http://127.0.0.1:4000", options: { scoring: "listwise" } });
    expect(await provider.connect(target).profile(new AbortController().signal)).toMatchObject({ scoring: "listwise" });
    expect(() => provider.connect({ ...target, options: { scoring: "both" } })).toThrow(
      "scoring must be pointwise or listwise",
    );
  });

  test("of one's own costs nothing a call, so that replicas share the work of a large request", async () => {
    const target = testTarget({ model: "m", apiBase: "http://127.0.0.1:4000" });
    expect(await provider.connect(target).profile(new AbortController().signal)).toMatchObject({ billing: "compute" });
  });

  test("of Cohere's Rerank 5 is billed by the token", async () => {
    for (const model of ["rerank-v5.0-pro", "rerank-v5.0-fast"])
      expect(await provider.connect(testTarget({ model })).profile(new AbortController().signal)).toMatchObject({
        billing: "per-token",
      });
  });

  test("has the same fingerprint at another place and with another key, and another one for another model", async () => {
    const fingerprintOf = async (model: string, apiBase?: string, more: object = {}): Promise<string> => {
      const target = testTarget({ model, ...(apiBase !== undefined && { apiBase }), ...more });
      return (await provider.connect(target).profile(new AbortController().signal)).fingerprint;
    };
    const one = await fingerprintOf("m", "http://a.test");
    expect(await fingerprintOf("m", "http://b.test")).toBe(one);
    expect(await fingerprintOf("m", "http://a.test", { apiKey: "other-key" })).toBe(one);
    expect(await fingerprintOf("n", "http://a.test")).not.toBe(one);
    expect(await fingerprintOf("m", "http://a.test", { options: { revision: "2" } })).not.toBe(one);
    expect(await fingerprintOf("m")).not.toBe(one);
    expect(await fingerprintOf("m")).toBe(await fingerprintOf("m", "https://api.cohere.com/v2"));
  });

  test.each([
    { apiBase: "localhost:4000", message: "api_base must be a URL" },
    { apiBase: "file:///etc/passwd", message: "api_base must be a URL" },
    { apiBase: "not a url", message: "api_base must be a URL" },
    { apiBase: "https://user:secret-word@a.test", message: "api_base holds a user name or password" },
    { apiKey: "secret-word\nwith a line", message: "the key holds characters" },
  ])("refuses what cannot work: $message", (place) => {
    const attempt = (): unknown => provider.connect(testTarget({ model: "m", ...place }));
    expect(attempt).toThrow(
      expect.objectContaining({ code: "invalid_request", message: expect.stringContaining(place.message) }),
    );
    expect(attempt).not.toThrow("secret-word");
  });
});

interface Exchange {
  readonly provider?: typeof provider;
  readonly path?: string;
  readonly apiKey?: string | undefined;
  readonly params?: ScoreParams;
}

/** What arrives at a server that is not Cohere's. */
function exchange(options: Exchange = {}): Promise<readonly UpstreamRequest[]> {
  const { apiKey } = { apiKey: "given", ...options };
  return withServer(
    () => ({ body: { results } }),
    async ({ url, requests }) => {
      const target = testTarget({
        model: "rerank-v3.5",
        apiBase: url + (options.path ?? ""),
        ...(apiKey !== undefined && { apiKey }),
      });
      await (options.provider ?? provider).connect(target).score({
        query,
        documents,
        params: options.params ?? {},
        providerOptions: {},
        signal: new AbortController().signal,
      });
      return requests;
    },
  );
}

function resultOf(facts: object): Promise<ScoreResult> {
  const reply: Reply = { body: { results, ...facts } };
  return withServer(
    () => reply,
    ({ url }) =>
      provider
        .connect(testTarget({ model: "m", apiBase: url }))
        .score({ query, documents, params: {}, providerOptions: {}, signal: new AbortController().signal }),
  );
}

interface CohereCall {
  readonly answer?: object;
  readonly environment: Readonly<Record<string, string>>;
  readonly request?: Partial<RerankRequest>;
}

interface CohereExchange {
  readonly requests: readonly UpstreamRequest[];
  readonly response?: RerankResponse;
  readonly failure?: unknown;
}

/**
 * What arrives at Cohere, by way of a transport that takes api.cohere.com to a loopback server and refuses every other
 * address.
 */
function askCohere({ environment, request, answer = { results } }: CohereCall): Promise<CohereExchange> {
  return withServer(
    () => ({ body: answer }),
    async (server) => {
      const transport = {
        fetch: async (input: string | URL | Request, init?: RequestInit) => fetch(atLoopback(server, input), init),
      };
      const dheera = createDheera({ providers: [cohere({ environment })], transport });
      return dheera.rerank({ model: "cohere/rerank-v3.5", query, documents, ...request }).then(
        (response) => ({ requests: server.requests, response }),
        (failure: unknown) => ({ requests: server.requests, failure }),
      );
    },
  );
}

function atLoopback({ url }: ScriptedServer, input: string | URL | Request): string {
  const { origin, pathname, search } = new URL(input instanceof Request ? input.url : input);
  expect(origin).toBe("https://api.cohere.com");
  return url + pathname + search;
}
