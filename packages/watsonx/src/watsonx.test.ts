import {
  createDheera,
  type Dheera,
  type RerankRequest,
  type RerankResponse,
  type Score,
  type ScoreParams,
  type Transport,
} from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";
import { type ScriptedServer, testProvider, testTarget, withServer } from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import { logitOf, model, type StandIn, standIn, type StandInOptions } from "./testing/stand-in.ts";
import { watsonx } from "./watsonx.ts";

const provider = watsonx({ environment: {} });
const query = "What is the capital of France?";
const documents = ["Berlin is in Germany.", "Paris is the capital of France.", "Bananas are yellow."];
const scope = { project_id: "my-project" };

testProvider(
  {
    provider,
    model,
    options: ({ url }) => ({ ...scope, iam_url: `${url}/identity/token` }),
    upstream: {
      credentials: "exchanged",
      exchange: {
        isExchange: ({ path }) => path === "/identity/token",
        answer: (token, expiresIn) => ({ body: { access_token: token, token_type: "Bearer", expires_in: expiresIn } }),
      },
      readRequest: ({ body }) => ({
        query: body["query"],
        documents: Array.isArray(body["inputs"]) ? body["inputs"].map(({ text }) => text) : undefined,
      }),
      answer: (scores) => ({
        body: { model_id: model, results: rowsOf(scores), input_token_count: 42 },
        usage: { inputTokens: 42 },
      }),
      answerWithoutUsage: (scores) => ({ body: { model_id: model, results: rowsOf(scores) } }),
    },
  },
  { describe, test },
);

describe("a request", () => {
  test("is the API's own: a version, the project, the texts, no top_n, and nothing is asked back", async () => {
    const { requests } = await ask({});
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /identity/token",
      "POST /ml/v1/text/rerank?version=2024-03-13",
    ]);
    expect(requests[0]?.text).toBe("grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=my-key");
    expect(requests[1]).toMatchObject({
      headers: { authorization: "Bearer iam-token-1", "content-type": "application/json" },
      body: {
        model_id: model,
        project_id: "my-project",
        query,
        inputs: documents.map((text) => ({ text })),
        parameters: { truncate_input_tokens: 512, return_options: { inputs: false, query: false } },
      },
    });
  });

  test("gives logits, called so, and the tokens that were billed", async () => {
    const { response } = await ask({});
    expect(response?.results).toEqual(
      [1, 0, 2].map((index) => ({ index, relevance_score: logitOf(query, documents[index] ?? "") })),
    );
    expect(response?.meta).toMatchObject({ score_kind: "logit", billed_units: { input_tokens: 31 } });
    expect(response?.results.at(-1)?.relevance_score).toBeLessThan(0);
  });

  test.each([
    { name: "a base with the path", base: "/ml/v1/text/rerank", path: "/ml/v1/text/rerank?version=2024-03-13" },
    { name: "a base with its beginning", base: "/ml/v1/", path: "/ml/v1/text/rerank?version=2024-03-13" },
    { name: "a base with a version", base: "?version=2025-01-01", path: "/ml/v1/text/rerank?version=2025-01-01" },
    {
      name: "api_version",
      base: "?version=2025-01-01",
      options: { api_version: "2026-02-03" },
      path: "/ml/v1/text/rerank?version=2026-02-03",
    },
  ])("goes where $name says", async ({ base, path, options }) => {
    const { requests, failure } = await ask({ base, options: options ?? {} });
    expect(failure).toBeUndefined();
    expect(requests[1]?.path).toBe(path);
  });

  test.each<{ params: ScoreParams; option?: number; sent: number | undefined }>([
    { params: {}, sent: 512 },
    { params: { truncate: false }, sent: undefined },
    { params: { maxTokensPerDocument: 100 }, sent: 100 },
    { params: { maxTokensPerDocument: 4000 }, sent: 512 },
    { params: { truncate: false, maxTokensPerDocument: 100 }, sent: 100 },
    { params: {}, option: 64, sent: 64 },
  ])(
    "cuts with truncate_input_tokens, never above the model's maximum: $params $option",
    async ({ params, option, sent }) => {
      const cloud = standIn({ apiKey: "my-key", scope });
      await withServer(cloud.reply, async ({ url, requests }) => {
        const options = { ...scope, iam_url: `${url}/identity/token`, truncate_input_tokens: option };
        const scorer = provider.connect(testTarget({ model, apiBase: url, apiKey: "my-key", options }));
        await scorer.score({ query, documents, params, providerOptions: {}, signal: new AbortController().signal });
        expect(requests[1]?.body["parameters"]).toEqual({
          ...(sent !== undefined && { truncate_input_tokens: sent }),
          return_options: { inputs: false, query: false },
        });
      });
    },
  );

  test("that is too long is cut, unless the caller wants a refusal", async () => {
    const long = "word ".repeat(600);
    expect((await ask({ request: { documents: [long] } })).response?.results).toHaveLength(1);
    const { failure } = await ask({ request: { documents: [long], truncate: false } });
    expect(failure).toMatchObject({ code: "provider_rejected" });
  });

  test("warns of what watsonx has not", async () => {
    const { response } = await ask({ request: { instruction: "capitals first", truncation_direction: "left" } });
    expect(response?.meta.warnings).toEqual([
      "watsonx has no truncation_direction: left; it had no effect",
      "watsonx has no instruction; it had no effect",
    ]);
  });
});

describe("the parameters of a deployment", () => {
  test("mean what LiteLLM means by them, in its order", async () => {
    const cases: readonly (Asked & { readonly scope: StandInOptions["scope"] })[] = [
      { options: { watsonx_project: "other" }, scope: { project_id: "other" } },
      { options: { space_id: "room" }, scope: { space_id: "room" } },
      { options: { project_id: "p", space_id: "s" }, scope: { project_id: "p" } },
      { options: { space_id: "s" }, environment: { WATSONX_PROJECT_ID: "p" }, scope: { space_id: "s" } },
      { options: {}, environment: { PROJECT_ID: "3", WX_PROJECT_ID: "2", SPACE_ID: "4" }, scope: { project_id: "2" } },
      {
        options: {},
        environment: { WATSONX_SPACE_ID: "2", WATSONX_DEPLOYMENT_SPACE_ID: "1" },
        scope: { space_id: "1" },
      },
    ];
    for (const { options, environment, scope: expected } of cases) {
      const { failure } = await ask({
        options: { project_id: undefined, ...options },
        environment,
        scope: expected,
      });
      expect(failure).toBeUndefined();
    }
  });

  test.each([
    { name: "wx_credentials", given: (url: string) => ({ wx_credentials: { url, apikey: "my-key" } }) },
    { name: "watsonx_credentials", given: (url: string) => ({ watsonx_credentials: { url, api_key: "my-key" } }) },
    { name: "token", given: (url: string) => ({ api_base: url, token: "ready" }) },
    { name: "a token in wx_credentials", given: (url: string) => ({ wx_credentials: { url, token: "ready" } }) },
    { name: "zen_api_key", given: (url: string) => ({ api_base: url, zen_api_key: "dXNlcjprZXk=" }) },
  ])("can be $name", async ({ given }) => {
    const cloud = standIn({ apiKey: "my-key", token: "ready", zenApiKey: "dXNlcjprZXk=", scope });
    await withServer(cloud.reply, async ({ url }) => {
      await using dheera = dheeraOf({ ...scope, iam_url: `${url}/identity/token`, ...given(url) });
      const response = await dheera.rerank({ model: "m", query, documents });
      expect(response.results[0]?.index).toBe(1);
    });
  });

  test("are refused where neither a project nor a space is named, before anything is asked", () => {
    const target = testTarget({ model, apiBase: "https://us-south.ml.cloud.ibm.com", apiKey: "k" });
    expect(() => provider.connect(target)).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        param: "project_id",
        message: expect.stringContaining("WATSONX_SPACE_ID"),
      }),
    );
  });

  test("are refused where there is no address, or a value is none", () => {
    const connect = (more: object, apiBase?: string): unknown =>
      provider.connect(testTarget({ model, options: { ...scope, ...more }, ...(apiBase && { apiBase, apiKey: "k" }) }));
    expect(() => connect({})).toThrow("watsonx needs the address of the server: set api_base, or WATSONX_API_BASE, or");
    const url = "https://us-south.ml.cloud.ibm.com";
    expect(() => connect({ api_version: "latest" }, url)).toThrow("api_version must be a date");
    expect(() => connect({ truncate_input_tokens: 0 }, url)).toThrow("truncate_input_tokens must be a whole number");
    expect(() => connect({ wx_credentials: "secret" }, url)).toThrow("wx_credentials must be an object");
    expect(() => connect({ token: "two words" }, url)).toThrow(
      "the token holds characters that no HTTP header may hold",
    );
    expect(() => connect({ iam_url: "iam" }, url)).toThrow("iam_url must be a URL");
  });
});

describe("the environment", () => {
  const places = {
    ours: "https://us-south.ml.cloud.ibm.com",
    other: "https://eu-de.ml.cloud.ibm.com",
    cluster: "https://cpd.example.com",
  };

  test.each<{ variables: Readonly<Record<string, string>>; apiBase: string | undefined; apikey: string }>([
    { variables: { WX_API_KEY: "3", WATSONX_API_KEY: "2", WATSONX_APIKEY: "1" }, apiBase: places.ours, apikey: "1" },
    { variables: { WX_API_KEY: "3", WATSONX_API_KEY: "2" }, apiBase: places.other, apikey: "2" },
    { variables: { WATSONX_APIKEY: "1", WATSONX_URL: places.ours }, apiBase: undefined, apikey: "1" },
    { variables: { WATSONX_APIKEY: "1", WML_URL: places.ours }, apiBase: places.other, apikey: "1" },
    { variables: { WATSONX_APIKEY: "1", WX_URL: places.cluster }, apiBase: undefined, apikey: "1" },
  ])(
    "has keys for IBM's hosts and for its own address: $variables $apiBase",
    async ({ variables, apiBase, apikey }) => {
      const sent = await askAnywhere(variables, apiBase);
      expect(sent.map(({ url }) => new URL(url).host)).toEqual([
        "iam.cloud.ibm.com",
        new URL(apiBase ?? Object.values(variables).find((value) => value.startsWith("https:")) ?? "").host,
      ]);
      expect(new URLSearchParams(sent[0]?.body).get("apikey")).toBe(apikey);
    },
  );

  test("has no key for another server", async () => {
    const environments: readonly Readonly<Record<string, string>>[] = [
      { WATSONX_APIKEY: "1" },
      { WATSONX_TOKEN: "1" },
      { WATSONX_ZENAPIKEY: "1" },
      { WATSONX_APIKEY: "1", WATSONX_URL: "https://cpd-2.example.com" },
    ];
    const others = [
      places.cluster,
      "https://us-south.ml.cloud.ibm.com.evil.test",
      "https://evil-ml.cloud.ibm.com",
      "https://us-south.ml.cloud.ibm.com:8443",
      "http://us-south.ml.cloud.ibm.com",
    ];
    for (const variables of environments)
      for (const place of others) expect(await askAnywhere(variables, place)).toEqual([]);
  });

  test("has a token first, then a key of Cloud Pak for Data, then an API key; but a deployment's own comes before", async () => {
    const all = {
      WATSONX_TOKEN: "token",
      WATSONX_ZENAPIKEY: "zen",
      WATSONX_APIKEY: "key",
      WATSONX_URL: places.cluster,
    };
    const headerOf = async (variables: object, apiKey?: string): Promise<unknown> =>
      (await askAnywhere({ ...variables }, undefined, apiKey)).map(({ authorization }) => authorization);
    expect(await headerOf(all)).toEqual(["Bearer token"]);
    expect(await headerOf({ ...all, WATSONX_TOKEN: "" })).toEqual(["ZenApiKey zen"]);
    expect(await headerOf(all, "mine")).toEqual([null, "Bearer of-the-test"]);
  });

  test("names where keys are exchanged", async () => {
    const variables = { WATSONX_APIKEY: "1", WATSONX_IAM_URL: "https://iam.example.com/token" };
    expect((await askAnywhere(variables, places.ours))[0]?.url).toBe("https://iam.example.com/token");
  });
});

describe("a token", () => {
  test("is exchanged once for many calls, and once more when it is withdrawn", async () => {
    const cloud = standIn({ apiKey: "my-key", scope });
    await withServer(cloud.reply, async ({ url, requests }) => {
      await using dheera = dheeraOf({ api_base: url, api_key: "my-key", iam_url: `${url}/identity/token`, ...scope });
      const rank = (): Promise<RerankResponse> => dheera.rerank({ model: "m", query, documents });
      await Promise.all([rank(), rank(), rank()]);
      expect(cloud.tokens).toHaveLength(1);
      cloud.withdraw("iam-token-1");
      await Promise.all([rank(), rank()]);
      expect(cloud.tokens).toHaveLength(2);
      cloud.withdraw("iam-token-2");
      const before = requests.length;
      await rank();
      expect(requests.slice(before).map(({ path }) => path.split("?")[0])).toEqual([
        "/ml/v1/text/rerank",
        "/identity/token",
        "/ml/v1/text/rerank",
      ]);
    });
  });

  test("that was given is not exchanged: its refusal is final", async () => {
    const { requests, failure } = await ask({ options: { token: "stale" } });
    expect(requests).toHaveLength(1);
    expect(failure).toMatchObject({ code: "provider_auth", permanent: true });
  });

  test("is not to be had for a wrong key, and nothing tells the key", async () => {
    const { requests, failure } = await ask({ options: { api_key: "wrong-key" } });
    expect(requests.map(({ path }) => path)).toEqual(["/identity/token"]);
    expect(failure).toMatchObject({ code: "provider_auth", message: expect.stringContaining("check api_key") });
    expect(JSON.stringify(failure)).not.toContain("wrong-key");
  });

  test("is needed: without a key nothing is asked, and the error says where to put one", async () => {
    const { requests, failure } = await ask({ options: { api_key: undefined } });
    expect(requests).toEqual([]);
    expect(failure).toMatchObject({ code: "provider_auth", message: expect.stringContaining("WATSONX_APIKEY") });
  });
});

describe("a refusal", () => {
  test.each([
    {
      name: "an unknown model",
      options: { model: "watsonx/other" },
      code: "provider_failed",
      says: "does not have the model",
      word: "model_not_supported",
    },
    {
      name: "a foreign project",
      options: { project_id: "theirs" },
      code: "provider_auth",
      says: "as a collaborator",
      word: "user_authorization_failed",
    },
  ])("says what to do about $name, and quotes nothing", async ({ options, code, says, word }) => {
    const { failure } = await ask({ options });
    expect(failure).toMatchObject({ code, message: expect.stringContaining(says), upstream: { code: word } });
    expect(String(failure)).not.toContain("capital");
  });
});

interface Asked {
  readonly base?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly request?: Partial<RerankRequest>;
  readonly scope?: StandInOptions["scope"];
}

interface Outcome {
  readonly requests: ScriptedServer["requests"];
  readonly response?: RerankResponse;
  readonly failure?: unknown;
}

/** Ranks at the stand-in, through core as callers do. */
function ask({ base = "", options = {}, environment = {}, request, scope: known = scope }: Asked): Promise<Outcome> {
  const cloud: StandIn = standIn({ apiKey: "my-key", scope: known });
  return withServer(cloud.reply, async ({ url, requests }) => {
    const params = { api_base: url + base, api_key: "my-key", iam_url: `${url}/identity/token`, ...scope, ...options };
    await using dheera = dheeraOf(params, environment);
    try {
      const response = await dheera.rerank({ model: "m", query, documents, ...request });
      return { requests, response };
    } catch (failure) {
      return { requests, failure };
    }
  });
}

interface Sent {
  readonly url: string;
  readonly authorization: string | null;
  readonly body: string;
}

/** Ranks at any address: what was sent, in order. Each request is answered as IAM answers. */
async function askAnywhere(
  environment: Readonly<Record<string, string>>,
  api_base: string | undefined,
  api_key?: string,
): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  const transport: Transport = {
    fetch: async (input, init) => {
      const authorization = new Headers(init?.headers).get("authorization");
      sent.push({ url: String(input), authorization, body: String(init?.body) });
      return Response.json({ access_token: "of-the-test", expires_in: 3600, results: [{ index: 0, score: 1 }] });
    },
  };
  await using dheera = dheeraOf({ api_base, api_key, ...scope }, environment, transport);
  await dheera
    .rerank({ model: "m", query, documents: ["one"] })
    .catch((error: unknown) => expect(error).toMatchObject({ code: "provider_auth" }));
  return sent;
}

/** One deployment, `m`, that is asked once and no more. */
function dheeraOf(
  params: Readonly<Record<string, unknown>>,
  environment: Environment = {},
  transport?: Transport,
): Dheera {
  return createDheera({
    providers: [watsonx({ environment })],
    model_list: [{ model_name: "m", dheera_ai_params: { model: `watsonx/${model}`, max_retries: 0, ...params } }],
    router_settings: { num_retries: 0 },
    transport,
  });
}

function rowsOf(scores: readonly Score[]): readonly object[] {
  return scores.map(({ index, score }) => ({ index, score }));
}
