import { createDheera, isDheeraError, type Transport } from "@dheera-ai/core";
import { type Reply, type ScriptedServer, type UpstreamRequest, testTarget, withServer } from "@dheera-ai/core/testing";
import { describe, expect, it } from "vitest";

import { defineRow, type RowHooks } from "./define-row.ts";
import { providerOf, providerOfRow } from "./provider-of-row.ts";
import type { Row } from "./row.ts";

const documents = ["secret one", "secret two"];
const call = { query: "q", documents, params: {}, providerOptions: {}, signal: new AbortController().signal };
const own = "https://api.invented.test/v1";

const invented: Row = {
  name: "invented",
  label: "Invented",
  api_base: own,
  api_base_env: ["INVENTED_API_BASE"],
  api_key_env: ["INVENTED_API_KEY", "INVENTED_TOKEN"],
  path: "/v1/rerank",
  request: { options: ["latency"] },
  score_kind: "probability",
  billing: "per-token",
};

const ranked: Reply = { body: { results: documents.map((_, index) => ({ index, relevance_score: 0.5 })) } };

interface Asked {
  readonly hooks?: RowHooks;
  readonly providerOptions?: Readonly<Record<string, unknown>>;
  readonly row?: Partial<Row>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly reply?: Reply;
  readonly model?: string;
  readonly apiBase?: string;
  readonly apiKey?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

interface Exchange {
  readonly addresses: readonly string[];
  readonly requests: readonly UpstreamRequest[];
  readonly result: unknown;
}

/** One call whose addresses are all taken to one server on loopback. */
function ask({
  row,
  hooks,
  providerOptions = {},
  environment = {},
  reply = ranked,
  model = "m",
  ...target
}: Asked): Promise<Exchange> {
  return withServer(
    () => reply,
    async ({ url, requests }: ScriptedServer) => {
      const addresses: string[] = [];
      const whole = { ...invented, ...row };
      const provider = hooks
        ? providerOf(defineRow(whole, hooks), { environment })
        : providerOfRow(whole, { environment });
      const { http } = testTarget({ model });
      const scorer = provider.connect({
        ...testTarget({ model, ...target }),
        http: {
          ...http,
          json: (address, request) => {
            addresses.push(address);
            const { pathname, search } = new URL(address);
            return http.json(url + pathname + search, request);
          },
        },
      });
      const result: unknown = await scorer.score({ ...call, providerOptions }).catch((error: unknown) => error);
      return { addresses, requests, result };
    },
  );
}

describe("a row", () => {
  it("is asked at its own address, with a key of the environment", async () => {
    const { addresses, requests } = await ask({ environment: { INVENTED_TOKEN: "t" } });
    expect(addresses).toEqual([`${own}/rerank`]);
    expect(requests[0]?.headers).toMatchObject({ authorization: "Bearer t", "content-type": "application/json" });
  });

  it("is asked with the key in another header, and with its own headers", async () => {
    const row = { key_header: "Api-Key", headers: { "X-Version": "2" } };
    const { requests } = await ask({ row, environment: { INVENTED_API_KEY: "k" } });
    expect(requests[0]?.headers).toMatchObject({ "api-key": "k", "x-version": "2" });
    expect(requests[0]?.headers).not.toHaveProperty("authorization");
    const prefixed = await ask({ row: { key_prefix: "ApiKey " }, apiKey: "k" });
    expect(prefixed.requests[0]?.headers).toMatchObject({ authorization: "ApiKey k" });
  });

  it("is not asked without a key, unless it needs none", async () => {
    const { addresses, result } = await ask({});
    expect(addresses).toEqual([]);
    expect(result).toMatchObject({
      code: "provider_auth",
      message: "there is no key for Invented; set INVENTED_API_KEY, or api_key of this deployment",
    });
    expect((await ask({ row: { key_optional: true } })).addresses).toHaveLength(1);
    expect((await ask({ apiBase: "http://mine.test/v1" })).addresses).toEqual(["http://mine.test/v1/rerank"]);
  });

  it("gets a key that belongs to another address there", async () => {
    const row = { api_base_by_key: { "al-": "https://other.invented.test/v1" } };
    const addressFor = async (environment: Readonly<Record<string, string>>, apiBase?: string): Promise<unknown> =>
      (await ask({ row, environment, ...(apiBase !== undefined && { apiBase }) })).addresses;
    expect(await addressFor({ INVENTED_API_KEY: "al-1" })).toEqual(["https://other.invented.test/v1/rerank"]);
    expect(await addressFor({ INVENTED_API_KEY: "pa-1" })).toEqual([`${own}/rerank`]);
    expect(await addressFor({ INVENTED_API_KEY: "al-1" }, own)).toEqual([`${own}/rerank`]);
  });

  it("sends names of models with its prefix, where they have none", async () => {
    const row = { model_prefix: "fireworks/" };
    const sent = async (model: string): Promise<unknown> =>
      (await ask({ row, model, apiKey: "k" })).requests[0]?.body["model"];
    expect(await sent("qwen3")).toBe("fireworks/qwen3");
    expect(await sent("accounts/a/models/qwen3")).toBe("accounts/a/models/qwen3");
  });

  it("needs what its path needs, from the deployment or the environment", async () => {
    const row = { path: "/accounts/{account_id}/rerank", path_parameters: { account_id: ["INVENTED_ACCOUNT"] } };
    const environment = { INVENTED_ACCOUNT: "a1" };
    expect((await ask({ row, environment, apiKey: "k" })).addresses).toEqual([`${own}/accounts/a1/rerank`]);
    expect((await ask({ row, environment, apiKey: "k", options: { account_id: "a2" } })).addresses).toEqual([
      `${own}/accounts/a2/rerank`,
    ]);
    await expect(ask({ row, apiKey: "k" })).rejects.toMatchObject({
      code: "invalid_request",
      param: "account_id",
      message: "invented needs account_id: set account_id, or INVENTED_ACCOUNT",
    });
  });

  it("warns where another model served than was asked", async () => {
    const row = { response: { model: "model" } };
    const reply: Reply = { body: { ...(ranked.body as object), model: "m-old" } };
    expect((await ask({ row, reply, apiKey: "k" })).result).toMatchObject({
      warnings: ["Invented served the model m-old in place of m"],
    });
    expect((await ask({ row, reply, model: "m-old", apiKey: "k" })).result).toMatchObject({ warnings: [] });
  });
});

describe("what a row says of its models", () => {
  const row: Row = {
    ...invented,
    limits: { documents_per_call: 1_000, bytes_per_call: 5_000 },
    price: { per_search: 0.002, date: "2026-11-25", source: "somebody" },
    models: [
      {
        match: "list-*",
        scoring: "listwise",
        score_kind: "cosine",
        billing: "per-search",
        limits: { documents_per_call: 64 },
        price: { per_million_tokens: 0.05, date: "2026-11-25", source: "somebody" },
        deprecated: "use list-2",
      },
      { match: "list-1", score_kind: "logit" },
    ],
  };
  const profileOf = (model: string, options: object = {}): unknown =>
    providerOfRow(row, { environment: {} })
      .connect(testTarget({ model, ...options }))
      .profile(call.signal);

  it("is the first that matches, and the row's where it says nothing", () => {
    expect(profileOf("list-1")).toEqual({
      scoring: "listwise",
      scoreKind: "cosine",
      billing: "per-search",
      fingerprint: "invented list-1",
      limits: { documentsPerCall: 64, bytesPerCall: 5_000 },
      price: { perToken: 0.05 / 1_000_000 },
      warnings: ["the model list-1 is deprecated: use list-2"],
    });
    expect(profileOf("other")).toEqual({
      scoring: "pointwise",
      scoreKind: "probability",
      billing: "per-token",
      fingerprint: "invented other",
      limits: { documentsPerCall: 1_000, bytesPerCall: 5_000 },
      price: { perSearchUnit: 0.002 },
    });
  });

  it("gives way to what the deployment says", () => {
    expect(profileOf("list-1", { options: { scoring: "pointwise", revision: "2" } })).toMatchObject({
      scoring: "pointwise",
      fingerprint: "invented list-1 2",
    });
  });
});

describe("an answer without a ranking", () => {
  it("is a bad response, and its own name for the error is for operators alone", async () => {
    const reply: Reply = { body: { code: "InvalidParameter", message: "secret one" } };
    const { result } = await ask({ row: { response: { error_code: ["code"] } }, reply, apiKey: "k" });
    expect(result).toMatchObject({
      code: "provider_bad_response",
      provider: "invented",
      upstream: { code: "InvalidParameter", address: expect.stringMatching(/\/v1\/rerank$/) },
    });
    expect(isDheeraError(result) && result.message).not.toMatch(/secret|InvalidParameter/);
  });
});

describe("a refusal", () => {
  const refusals = [{ after: "allowed tokens per submitted batch is", learns: "tokens_per_call" }] as const;

  it.each([400, 413, 422])("with %d teaches the limit that it names", async (status) => {
    const reply: Reply = { status, body: { detail: "The max allowed tokens per submitted batch is 100000." } };
    expect((await ask({ row: { refusals }, reply, apiKey: "k" })).result).toMatchObject({
      code: "provider_rejected",
      learned: { tokensPerCall: 100_000 },
    });
  });

  it("of another kind teaches nothing, whatever it says", async () => {
    const reply: Reply = { status: 500, body: { detail: "The max allowed tokens per submitted batch is 100000." } };
    expect((await ask({ row: { refusals }, reply, apiKey: "k" })).result).toMatchObject({ learned: undefined });
  });

  it("that names fewer documents is answered in parts", async () => {
    const row: Row = { ...invented, refusals: [{ after: "more than the limit of", learns: "documents_per_call" }] };
    const answer = ({ body }: UpstreamRequest): Reply => {
      const sent = Array.isArray(body["documents"]) ? body["documents"].length : 0;
      if (sent > 3) return { status: 422, body: { detail: `${sent} are more than the limit of 3` } };
      return { body: { results: Array.from({ length: sent }, (_, index) => ({ index, relevance_score: 0.5 })) } };
    };
    await withServer(answer, async ({ url, requests }) => {
      await using dheera = createDheera({ providers: [providerOfRow(row, { environment: {} })] });
      const many = Array.from({ length: 7 }, (_, index) => `document ${index}`);
      const { results } = await dheera.rerank({ model: "invented/m", api_base: url, query: "q", documents: many });
      expect(results).toHaveLength(7);
      expect(Math.max(...requests.slice(1).map(({ body }) => (body["documents"] as unknown[]).length))).toBe(3);
    });
  });
});

describe("what data cannot say", () => {
  it("is a small hook of the row: its path, its body, its options and its result", async () => {
    const { addresses, requests, result } = await ask({
      apiKey: "k",
      model: "m.1",
      providerOptions: { tone: "dry" },
      hooks: {
        path: (path, { model }) => `${path}/${model.replaceAll(".", "_")}`,
        options: (options) => ({ hints: options }),
        body: (body, { documents: texts }) => ({ ...body, count: texts.length }),
        read: (_, read) => ({ ...read, scoreKind: "logit" }),
      },
    });
    expect(addresses).toEqual([`${own}/rerank/m_1`]);
    expect(requests[0]?.body).toEqual({ model: "m.1", query: "q", documents, hints: { tone: "dry" }, count: 2 });
    expect(result).toMatchObject({ scoreKind: "logit", scores: [{ index: 0 }, { index: 1 }] });
  });

  it("is never another origin: what a hook gives is a path", async () => {
    const { addresses } = await ask({ apiKey: "k", hooks: { path: () => "//evil.test/../x?y#z" } });
    expect(addresses.map((address) => new URL(address).origin)).toEqual([new URL(own).origin]);
  });
});

describe("a row that somebody wrote", () => {
  it.each<[string, Partial<Row>, string, string]>([
    ["a key in its address", { api_base: "https://a.test/v1?key=1" }, "api_base", "must have neither a user"],
    ["a password in its address", { api_base: "https://u:secret@a.test" }, "api_base", "must have neither a user"],
    ["another protocol", { api_base: "file:///etc/passwd" }, "api_base", "must be a URL that begins"],
    ["a path that is none", { path: "rerank" }, "path", "must begin with /"],
    ["a path with a query", { path: "/rerank?key=1" }, "path", "must be a path, without ?"],
    ["a path that leads up", { path: "/v1/../admin" }, "path", "must have neither"],
    ["a path to another host", { path: "//evil.test/rerank" }, "path", "must have neither"],
    ["a name in braces that nothing fills", { path: "/{tenant}/rerank" }, "path", "has a name in braces"],
    ["every host as its own", { hosts: ["*"] }, "hosts.0", "must be a host"],
    ["every host of a top-level domain", { hosts: ["*.com"] }, "hosts.0", "must be a host"],
    ["a header of HTTP", { headers: { Host: "evil.test" } }, "headers.Host", "is a header that HTTP itself needs"],
    ["a key in a header", { headers: { authorization: "k" } }, "headers.authorization", "is a header for keys"],
    ["two lines in a header", { headers: { "x-a": "1\r\nx-b: 2" } }, "headers.x-a", "must be one line"],
    ["the key's header", { key_header: "x-k", headers: { "X-K": "1" } }, "headers", "has the header of the key"],
    ["a field of all objects", { request: { query: "__proto__.a" } }, "request.query", "is a name that objects have"],
    ["an option that is its query", { request: { options: ["query"] } }, "request", "has a name in options"],
    [
      "an option that is a field of one of its models",
      { models: [{ match: "*", request: { instruction: "task", options: ["task"] } }] },
      "request",
      "has a name in options",
    ],
    [
      "a name in braces that nothing fills, elsewhere",
      { elsewhere: { request: {}, score_kind: "unknown", billing: "compute", other_paths: ["/{tenant}"] } },
      "path",
      "has a name in braces",
    ],
    ["a limit of nothing", { limits: { documents_per_call: 0 } }, "limits.documents_per_call", "must be at least 1"],
    ["a name with capitals", { name: "Invented" }, "name", "must be a name"],
  ])("is refused with %s", (_, part, param, message) => {
    const attempt = (): unknown => providerOfRow({ ...invented, ...part }, { environment: {} });
    expect(attempt).toThrow(
      expect.objectContaining({ code: "invalid_request", param, message: expect.stringContaining(message) }),
    );
    expect(attempt).not.toThrow("secret");
  });

  it("never sends a key elsewhere, whatever it says of its path and its headers", async () => {
    const hosts: string[] = [];
    const transport: Transport = {
      fetch: async (input, init) => {
        const { url, headers } = new Request(input, init);
        hosts.push(`${new URL(url).host} ${headers.get("authorization") ?? ""}`);
        return Response.json(ranked.body);
      },
    };
    const environment = { INVENTED_API_KEY: "k" };
    await using dheera = createDheera({ providers: [providerOfRow(invented, { environment })], transport });
    for (const api_base of [
      undefined,
      "https://elsewhere.test",
      "https://api.invented.test.evil.test",
      "http://api.invented.test",
    ])
      await dheera.rerank({ model: "invented/m", query: "q", documents, ...(api_base !== undefined && { api_base }) });
    expect(hosts).toEqual([
      "api.invented.test Bearer k",
      "elsewhere.test ",
      "api.invented.test.evil.test ",
      "api.invented.test ",
    ]);
  });
});
