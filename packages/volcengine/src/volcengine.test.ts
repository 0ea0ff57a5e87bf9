import { createHash, createHmac } from "node:crypto";

import type { Score, ScoreResult, Target } from "@dheera-ai/core";
import { type Reply, testProvider, testTarget, type UpstreamRequest, withServer } from "@dheera-ai/core/testing";
import { describe, expect, it, test } from "vitest";

import { volcengine } from "./volcengine.ts";

const accessKeyId = "AKLTexample";

testProvider(
  {
    provider: volcengine({ environment: {} }),
    model: "doubao-seed-rerank",
    options: { volc_access_key_id: accessKeyId, volc_session_token: "session" },
    upstream: {
      credentials: "signed",
      signature: { header: "authorization", verify: (request, secret) => isSigned(request, secret) },
      readRequest: readTexts,
      answer: (scores) => ({
        body: { code: "Success", result: { ...answerOf(scores).result, token_usage: 42 } },
        usage: { inputTokens: 42 },
      }),
      answerWithoutUsage: (scores) => ({ body: answerOf(scores) }),
    },
  },
  { describe, test },
);

describe("a request to VikingDB", () => {
  it("is the one that is documented", async () => {
    const { request } = await ask({
      options: { volc_access_key_id: accessKeyId, volc_secret_access_key: "secret", model_version: "251028" },
      call: { params: { instruction: "prefer capitals", maxTokensPerDocument: 9 } },
    });
    expect(request).toMatchObject({ method: "POST", path: "/api/vikingdb/rerank" });
    expect(request.body).toEqual({
      model_name: "doubao-seed-rerank",
      model_version: "251028",
      query: [{ text: "capital" }],
      data: [[{ text: "sea" }], [{ text: "the capital" }]],
      instruction: "prefer capitals",
    });
    expect(isSigned(request, "secret")).toBe(true);
    expect(isSigned({ ...request, text: `${request.text} ` }, "secret")).toBe(false);
    expect(isSigned(request, "another")).toBe(false);
  });

  it("goes to the region's own host where no address is named", async () => {
    for (const [options, host] of [
      [{}, "api-vikingdb.vikingdb.cn-beijing.volces.com"],
      [{ volc_region_name: "cn-shanghai" }, "api-vikingdb.vikingdb.cn-shanghai.volces.com"],
    ] as const) {
      const urls: string[] = [];
      const refuse = async (url: string): Promise<never> => {
        urls.push(url);
        throw new Error("not called");
      };
      const target = { model: "m", options, http: { json: refuse, request: refuse } };
      await score(target, { VOLC_ACCESSKEY: "id", VOLC_SECRETKEY: "secret" }).catch(() => {});
      expect(urls).toEqual([`https://${host}/api/vikingdb/rerank`]);
    }
  });

  it("is signed by the deployment's keys, else by the first pair of the environment", async () => {
    const all = { VOLC_ACCESSKEY: "volc", VOLC_SECRETKEY: "s1", VIKINGDB_AK: "viking", VIKINGDB_SK: "s2" };
    const signerOf = async (environment: Readonly<Record<string, string>>, options = {}): Promise<string> => {
      const [header = ""] = await signedHeadersOf({ options }, environment);
      return /Credential=([^/]+)/.exec(header)?.[1] ?? "";
    };
    expect(await signerOf(all)).toBe("volc");
    expect(await signerOf({ ...all, VOLC_SECRETKEY: "" })).toBe("viking");
    expect(await signerOf(all, { volc_access_key_id: "own", volc_secret_access_key: "s" })).toBe("own");
  });

  it.each([
    "https://rerank.example",
    "http://api-vikingdb.vikingdb.cn-beijing.volces.com",
    "https://api-vikingdb.vikingdb.cn-beijing.volces.com:8443",
    "https://api-vikingdb.vikingdb.cn-beijing.volces.com.example",
    // Hosts of other services of Volcengine may be those of its customers.
    "https://customer.volces.com",
  ])("is not signed by the keys of the environment for %s", async (apiBase) => {
    const environment = { VOLC_ACCESSKEY: "id", VOLC_SECRETKEY: "secret" };
    expect(await signedHeadersOf({ apiBase }, environment)).toEqual([]);
    const own = { volc_access_key_id: "own", volc_secret_access_key: "s" };
    expect(await signedHeadersOf({ apiBase, options: own }, environment)).toEqual([
      expect.stringContaining("Credential=own/"),
    ]);
  });

  it.each([
    { options: { volc_access_key_id: "id" }, message: "a pair of keys" },
    { options: { volc_region_name: "no region" }, message: "volc_region_name must be a region" },
    { options: { model_version: 251028 }, message: "model_version must be a text" },
  ])("is not made with $options", ({ options, message }) => {
    expect(() => volcengine({ environment: {} }).connect(testTarget({ model: "m", options }))).toThrow(message);
  });

  it("is not made without keys", async () => {
    await expect(ask({ options: {} })).rejects.toMatchObject({
      code: "provider_auth",
      message: expect.stringContaining("VOLC_ACCESSKEY"),
    });
  });
});

describe("an answer of VikingDB", () => {
  const two = [
    { index: 0, score: 0.1 },
    { index: 1, score: 0.9 },
  ];

  it("counts by position where its results name no document", async () => {
    const { result } = await ask({ reply: { body: { result: { data: [{ score: 0.1 }, { score: 0.9 }] } } } });
    expect(result.scores).toEqual(two);
  });

  it.each([
    { usage: { total_tokens: 7 }, inputTokens: 7 },
    { usage: { prompt_tokens: 8 }, inputTokens: 8 },
    { usage: { total_tokens: "7" }, inputTokens: undefined },
    { usage: -1, inputTokens: undefined },
  ])("says what was billed in one of the ways that it may: $usage", async ({ usage, inputTokens }) => {
    const body = { result: { ...answerOf(two).result, token_usage: usage } };
    expect((await ask({ reply: { body } })).result.usage?.inputTokens).toBe(inputTokens);
  });

  it.each([
    { body: { code: "AccountOverdue", message: "the capital" }, message: "(AccountOverdue)" },
    { body: { result: { data: [{ id: 0, score: 1 }, { score: 1 }] } }, message: "no scores" },
    { body: { code: "the capital", result: {} }, message: "no scores" },
  ])("that is an error or half named is refused: $message", async ({ body, message }) => {
    const outcome = ask({ reply: { body } });
    await expect(outcome).rejects.toMatchObject({ code: "provider_bad_response" });
    await expect(outcome).rejects.toThrow(message);
    await expect(outcome).rejects.not.toThrow("capital");
  });
});

interface Asked {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly call?: Parameters<typeof score>[2];
  readonly reply?: Reply;
}

/** The one request that a call makes, and what comes of it. */
function ask({
  options = { volc_access_key_id: accessKeyId, volc_secret_access_key: "secret" },
  environment = {},
  call,
  reply = { body: { result: { data: [{ score: 0.1 }, { score: 0.9 }] } } },
}: Asked): Promise<{ readonly request: UpstreamRequest; readonly result: ScoreResult }> {
  return withServer(
    () => reply,
    async ({ url, requests }) => {
      const result = await score({ model: "doubao-seed-rerank", apiBase: url, options }, environment, call);
      const [request] = requests;
      if (!request) throw new Error("no request arrived");
      return { request, result };
    },
  );
}

/** The header that signs, of each request that would be sent. */
async function signedHeadersOf(
  target: Partial<Target>,
  environment: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const sent: string[] = [];
  const refuse: Target["http"]["json"] = (_url, request) => {
    sent.push(new Headers(request?.headers).get("authorization") ?? "");
    return Promise.reject(new Error("not sent"));
  };
  const http = { json: refuse, request: () => Promise.reject(new Error("not sent")) };
  await score({ model: "m", options: {}, ...target, http }, environment).catch(() => {});
  return sent;
}

function score(
  target: Pick<Target, "model"> & Partial<Target>,
  environment: Readonly<Record<string, string>>,
  call: object = {},
): Promise<ScoreResult> {
  const scorer = volcengine({ environment }).connect(testTarget(target));
  const { signal } = new AbortController();
  const documents = ["sea", "the capital"];
  return scorer.score({ query: "capital", documents, params: {}, providerOptions: {}, signal, ...call });
}

function readTexts({ body }: UpstreamRequest): { readonly query: unknown; readonly documents: unknown } {
  const { query, data } = body as {
    readonly query?: readonly { readonly text: string }[];
    readonly data?: readonly (readonly { readonly text: string }[])[];
  };
  return { query: query?.[0]?.text, documents: data?.map((parts) => parts[0]?.text) };
}

function answerOf(scores: readonly Score[]) {
  return { code: "Success", result: { data: scores.map(({ index, score: value }) => ({ id: index, score: value })) } };
}

/** The vendor's Signature V4 as its documentation has it, written apart from the signer. */
function isSigned({ method, path, headers, text }: UpstreamRequest, secret: string): boolean {
  const [, id, scope = "", signedHeaders = "", signature] =
    /^HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers["authorization"] ?? "",
    ) ?? [];
  const time = headers["x-date"] ?? "";
  const [day = "", region = "", service = ""] = scope.split("/");
  if (id !== accessKeyId || `${scope} ${day}` !== `${time.slice(0, 8)}/cn-beijing/vikingdb/request ${time.slice(0, 8)}`)
    return false;
  const names = signedHeaders.split(";");
  if (!names.includes("host") || !names.includes("x-content-sha256") || headers["x-content-sha256"] !== sha256(text))
    return false;
  const lines = names.map((name) => `${name}:${headers[name]}`);
  const canonical = [method, path, "", ...lines, "", signedHeaders, sha256(text)].join("\n");
  const toSign = ["HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "request"].reduce<string | Buffer>(hmac, secret);
  return signature === hmac(key, toSign).toString("hex");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
