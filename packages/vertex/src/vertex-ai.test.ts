import { createDheera, type Dheera, type RerankRequest, type RerankResponse, type Score } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";
import { type Reply, type ScriptedServer, testProvider, testTarget, withServer } from "@dheera-ai/core/testing";
import { describe, expect, test } from "vitest";

import { error, google, type GoogleOptions, privateKey, scoreOf, serviceAccount, toStandIn } from "./testing/google.ts";
import { vertexAi } from "./vertex-ai.ts";

const model = "semantic-ranker-default-004";
const provider = vertexAi({ environment: {} });
const query = "What is the capital of France?";
const documents = ["Berlin is in Germany.", "Paris is the capital of France.", "Bananas are yellow."];
const rankPath =
  "/discoveryengine.googleapis.com/v1/projects/my-project/locations/global/rankingConfigs/default_ranking_config:rank";

testProvider(
  {
    provider,
    model,
    apiKey: privateKey,
    options: ({ url, apiKey }) => ({
      vertex_credentials: { ...serviceAccount, private_key: apiKey, token_uri: `${url}/token` },
    }),
    upstream: {
      credentials: "exchanged",
      exchange: {
        isExchange: ({ path }) => path === "/token",
        answer: (token, expiresIn) => ({ body: { access_token: token, token_type: "Bearer", expires_in: expiresIn } }),
      },
      readRequest: ({ body }) => ({
        query: body["query"],
        documents: Array.isArray(body["records"]) ? body["records"].map(({ content }) => content) : undefined,
      }),
      answer: (scores) => ({ body: { records: recordsOf(scores) } }),
      emptyDocument: "-",
    },
  },
  { describe, test },
);

describe("a request", () => {
  test("is Google's own: records with positions for ids, no title, no topN, and no text is asked back", async () => {
    const { requests } = await ask({});
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /oauth2.googleapis.com/token",
      `POST ${rankPath}`,
    ]);
    expect(requests[1]).toMatchObject({
      headers: { authorization: "Bearer ya29.1", "x-goog-user-project": "my-project" },
    });
    expect(requests[1]?.body).toEqual({
      model,
      query,
      records: documents.map((content, index) => ({ id: String(index), content })),
      ignoreRecordDetailsInResponse: true,
    });
  });

  test("costs a search unit for each 100 records begun, at Google's price", async () => {
    const many = Array.from({ length: 150 }, (_, index) => `Document ${index}`);
    const { response } = await ask({ request: { documents: many } });
    expect(response?.meta.billed_units).toMatchObject({ search_units: 2 });
    expect(response?.usage).toMatchObject({ cost: 0.002 });
  });

  test("holds no more than 200 records", async () => {
    const many = Array.from({ length: 450 }, (_, index) => `Document ${index}`);
    const { requests, response } = await ask({ request: { documents: many } });
    expect(response?.results).toHaveLength(450);
    expect(requests.slice(1).map(({ body }) => body["records"])).toEqual([
      expect.objectContaining({ length: 150 }),
      expect.objectContaining({ length: 150 }),
      expect.objectContaining({ length: 150 }),
    ]);
  });

  test.each([
    { location: "eu", host: "eu-discoveryengine.googleapis.com" },
    { location: "us", host: "us-discoveryengine.googleapis.com" },
    { location: "global", host: "discoveryengine.googleapis.com" },
  ])("goes to the host of the location $location", async ({ location, host }) => {
    for (const outcome of [
      await ask({ options: { vertex_location: location } }),
      await ask({ options: { vertex_ai_location: location }, environment: { VERTEXAI_LOCATION: "us" } }),
      await ask({ environment: { VERTEXAI_LOCATION: location } }),
    ]) {
      expect(outcome.failure).toBeUndefined();
      expect(outcome.requests.at(-1)?.path).toContain(`/${host}/v1/projects/my-project/locations/${location}/`);
      expect(outcome.response?.meta.warnings).toBeUndefined();
    }
  });

  test("stays where the deployment says, and says where the environment's location has no rerankers", async () => {
    const { requests, failure } = await ask({ options: { vertex_location: "europe-west4" } });
    expect(requests).toEqual([]);
    expect(failure).toMatchObject({ code: "invalid_request", param: "vertex_location" });
    const { response } = await ask({ environment: { VERTEXAI_LOCATION: "us-central1" } });
    expect(response?.meta.warnings).toEqual([expect.stringContaining("VERTEXAI_LOCATION has no rerankers")]);
  });

  test.each([
    { base: "", path: "/v1/projects/p/locations/global/rankingConfigs/default_ranking_config:rank" },
    { base: "/v1beta/", path: "/v1beta/projects/p/locations/global/rankingConfigs/default_ranking_config:rank" },
    { base: "/proxy", path: "/proxy/v1/projects/p/locations/global/rankingConfigs/default_ranking_config:rank" },
    { base: "/v1/projects/q/rankingConfigs/mine:rank", path: "/v1/projects/q/rankingConfigs/mine:rank" },
  ])("goes to api_base $base, with credentials of the deployment alone", async ({ base, path }) => {
    const reply = ({ path: asked }: { path: string }): Reply =>
      asked === "/token"
        ? { body: { access_token: "t", expires_in: 60 } }
        : { body: { records: [{ id: "0", score: 0.5 }] } };
    await withServer(reply, async ({ url, requests }) => {
      const credentials = { ...serviceAccount, token_uri: `${url}/token` };
      const options = { vertex_credentials: credentials, vertex_project: "p" };
      const scorer = provider.connect(testTarget({ model, apiBase: url + base, options }));
      await scorer.score({ ...call, documents: ["one"] });
      expect(requests.map(({ path: asked }) => asked)).toEqual(["/token", path]);
      const environment = { VERTEXAI_CREDENTIALS: JSON.stringify(credentials), VERTEXAI_PROJECT: "p" };
      const careful = vertexAi({ environment }).connect(testTarget({ model, apiBase: url + base }));
      await expect(careful.score({ ...call, documents: ["one"] })).rejects.toMatchObject({
        code: "provider_auth",
        message: expect.stringContaining("set vertex_credentials"),
      });
      expect(requests).toHaveLength(2);
    });
  });

  test("with an empty document is one that Google takes, and its score is Google's", async () => {
    const { requests, response } = await ask({ request: { documents: ["Paris is the capital of France.", "", " "] } });
    expect(response?.results.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(requests.at(-1)?.body["records"]).toEqual([
      { id: "0", content: "Paris is the capital of France." },
      { id: "1", content: "-" },
      { id: "2", content: " " },
    ]);
  });

  test.each([
    "https://discoveryengine.googleapis.com.evil.test",
    "https://evil-googleapis.com",
    "https://evilgoogleapis.com",
    "https://discoveryengine.googleapis.com:8443",
    "http://discoveryengine.googleapis.com",
  ])("carries no token of the environment's credentials to %s, and asks for none", async (apiBase) => {
    const asked: string[] = [];
    const refuse = (url: string): Promise<never> => Promise.reject(new Error(`asked ${asked.push(url)}`));
    const environment = { VERTEXAI_CREDENTIALS: JSON.stringify(serviceAccount) };
    const target = testTarget({ model, apiBase, http: { json: refuse, request: refuse } });
    const outcome = vertexAi({ environment }).connect(target).score(call);
    await expect(outcome).rejects.toMatchObject({ code: "provider_auth", permanent: true });
    expect(asked).toEqual([]);
  });

  test("warns of everything that Google has no choice in", async () => {
    const { response } = await ask({
      request: {
        truncate: false,
        truncation_direction: "left",
        raw_scores: true,
        max_tokens_per_doc: 9,
        instruction: "i",
      },
    });
    expect(response?.meta.warnings).toEqual([
      "Vertex AI has no truncate: false; it had no effect",
      "Vertex AI has no truncation_direction: left; it had no effect",
      "Vertex AI has no raw_scores: true; it had no effect",
      "Vertex AI has no max_tokens_per_doc; it had no effect",
      "Vertex AI has no instruction; it had no effect",
    ]);
  });
});

describe("an answer", () => {
  test("has its ties in the order of the documents, wherever Google put them", async () => {
    const many = ["no", "France", "none", "France", "nothing", "France"];
    const { response } = await ask({ request: { documents: many } });
    expect(response?.results.map(({ index }) => index)).toEqual([1, 3, 5, 0, 2, 4]);
    expect(response?.results.map(({ relevance_score }) => relevance_score)).toEqual([1, 1, 1, 0.0001, 0.0001, 0.0001]);
    expect(response?.results[0]?.relevance_score).toBe(scoreOf(query, "France"));
    expect(response?.meta.score_kind).toBe("probability");
  });

  test("in which a record has no score is an error that names the document, and no score is made up", async () => {
    const refuse: Reply = { body: { records: [{ id: "1", score: 0.9 }, { id: "0", score: 0.1 }, { id: "2" }] } };
    const { failure } = await ask({ refuse });
    expect(failure).toMatchObject({
      code: "provider_bad_response",
      message: expect.stringContaining("the record of document 2 has no score"),
    });
  });

  test("without the ids that were sent is an error", async () => {
    for (const id of ["one", "1.5", "-1", 1, undefined]) {
      const refuse: Reply = { body: { records: [{ id, score: 0.9 }] } };
      expect((await ask({ refuse, request: { documents: ["one"] } })).failure).toMatchObject({
        code: "provider_bad_response",
      });
    }
  });
});

describe("a refusal", () => {
  test.each([
    {
      refuse: error(403, "PERMISSION_DENIED", "SERVICE_DISABLED"),
      code: "provider_auth",
      says: "enable the Discovery Engine API",
    },
    {
      refuse: error(403, "PERMISSION_DENIED", "USER_PROJECT_DENIED"),
      code: "provider_auth",
      says: "Service Usage Consumer",
    },
    { refuse: error(403, "PERMISSION_DENIED"), code: "provider_auth", says: "discoveryengine.rankingConfigs.rank" },
    {
      refuse: error(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
      code: "provider_auth",
      says: "cloud-platform",
    },
    { refuse: error(429, "RESOURCE_EXHAUSTED"), code: "provider_rate_limited", says: "quota of rank requests" },
    { refuse: error(404, "NOT_FOUND"), code: "provider_failed", says: "vertex_location" },
    { refuse: error(400, "INVALID_ARGUMENT"), code: "provider_rejected", says: "query is not empty" },
    { refuse: error(500, "INTERNAL"), code: "provider_failed", says: "HTTP 500" },
    { refuse: error(503, "UNAVAILABLE"), code: "provider_overloaded", says: "HTTP 503" },
  ])("of $refuse.status says what to do: $says", async ({ refuse, code, says }) => {
    const { failure } = await ask({ refuse, request: { documents: ["one"] } });
    expect(failure).toMatchObject({
      code,
      message: expect.stringContaining(says),
      upstream: { code: expect.stringMatching(/^[A-Z_]+$/) },
    });
    expect(String(failure)).not.toContain("capital");
  });
});

const call = {
  query,
  documents,
  params: {},
  providerOptions: {},
  signal: new AbortController().signal,
};

interface Asked extends GoogleOptions {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly environment?: Environment;
  readonly request?: Partial<RerankRequest>;
}

interface Outcome {
  readonly requests: ScriptedServer["requests"];
  readonly response?: RerankResponse;
  readonly failure?: unknown;
}

/** Ranks at the stand-in, through core as callers do. */
function ask({ options = {}, environment, request, ...more }: Asked): Promise<Outcome> {
  return withServer(google(more).reply, async ({ url, requests }) => {
    try {
      const params = { vertex_credentials: JSON.stringify(serviceAccount), ...options };
      await using dheera = dheeraOf(url, params, environment);
      return { requests, response: await dheera.rerank({ model: "m", query, documents, ...request }) };
    } catch (failure) {
      return { requests, failure };
    }
  });
}

/** One deployment, `m`, that is asked once and no more. */
function dheeraOf(url: string, params: Readonly<Record<string, unknown>>, environment: Environment = {}): Dheera {
  return createDheera({
    providers: [vertexAi({ environment })],
    model_list: [{ model_name: "m", dheera_ai_params: { model: `vertex_ai/${model}`, max_retries: 0, ...params } }],
    router_settings: { num_retries: 0 },
    transport: toStandIn(url),
  });
}

function recordsOf(scores: readonly Score[]): readonly object[] {
  return scores.map(({ index, score }) => ({ id: String(index), score }));
}
