import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { HttpRequest, Provider } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";
import { type ScriptedServer, testProvider, testTarget, withServer } from "@dheera-ai/core/testing";
import { afterEach, describe, expect, test, vi } from "vitest";

import { azureAi } from "./azure-ai.ts";
import { application, assertion, type Azure, azure, foundry, model, toStandIn } from "./testing/azure.ts";
import { dheeraOf } from "./testing/dheera-of.ts";

const query = "What is the capital of France?";
const documents = ["Berlin is in Germany.", "Paris is the capital of France.", "Bananas are yellow."];

afterEach(() => void vi.unstubAllEnvs());

testProvider(
  {
    provider: withoutKey(azureAi({ environment: {} })),
    model,
    options: ({ apiKey }) => ({ ...application, client_secret: apiKey }),
    upstream: {
      credentials: "exchanged",
      exchange: {
        isExchange: ({ path }) => path.startsWith("/login.microsoftonline.com/"),
        answer: (token, expiresIn) => ({ body: { access_token: token, token_type: "Bearer", expires_in: expiresIn } }),
      },
      readRequest: ({ body }) => ({ query: body["query"], documents: body["documents"] }),
      answer: (scores) => ({
        body: {
          results: scores.map(({ index, score }) => ({ index, relevance_score: score })),
          meta: { billed_units: { search_units: 1 } },
        },
        usage: { searchUnits: 1 },
      }),
    },
  },
  { describe, test },
);

describe("a token of Entra, asked for by Microsoft's own library", () => {
  test("is an application's, and stands where a key would", async () => {
    const { grants, requests, order } = await rankWith({ params: application });
    expect({ grants, order }).toEqual({ grants: ["application"], order: [1, 0, 2] });
    expect(requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`)).toEqual([
      `POST /login.microsoftonline.com/${application.tenant_id}/oauth2/v2.0/token`,
      "POST /my-resource.services.ai.azure.com/providers/cohere/v2/rerank",
    ]);
    expect(requests[1]).toMatchObject({
      headers: { authorization: "Bearer entra-1" },
      body: { model, query, documents },
    });
    expect(requests[1]?.text).not.toContain(application.client_secret);
  });

  test("is one that the environment's application gets", async () => {
    const { tenant_id, client_id, client_secret } = application;
    const all = { AZURE_TENANT_ID: tenant_id, AZURE_CLIENT_ID: client_id, AZURE_CLIENT_SECRET: client_secret };
    expect(await rankWith({ environment: all })).toMatchObject({ grants: ["application"] });
    expect(
      await rankWith({ params: { client_secret }, environment: { ...all, AZURE_CLIENT_SECRET: "" } }),
    ).toMatchObject({
      grants: ["application"],
    });
  });

  test("is a workload's, whose cluster speaks for it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dheera-azure-"));
    await writeFile(join(folder, "token"), assertion);
    vi.stubEnv("AZURE_FEDERATED_TOKEN_FILE", join(folder, "token"));
    const { tenant_id, client_id } = application;
    const params = { azure_credential: "WorkloadIdentityCredential", tenant_id, client_id };
    expect(await rankWith({ params })).toMatchObject({ grants: ["workload"] });
    await rm(folder, { recursive: true });
  });

  test("is for the scope that is configured", async () => {
    const scope = "https://ml.azure.com/.default";
    expect(await rankWith({ params: { ...application, azure_scope: scope }, scope })).toMatchObject({
      order: [1, 0, 2],
    });
    expect(await rankWith({ params: application, environment: { AZURE_SCOPE: scope }, scope })).toMatchObject({
      order: [1, 0, 2],
    });
    expect((await rankWith({ params: application, scope })).failure).toMatchObject({
      code: "provider_auth",
      message: expect.stringContaining("HTTP 400, invalid_scope"),
    });
  });

  test("is asked for once for many calls, and once more after Azure refused it", async () => {
    const cloud = azure();
    await withServer(cloud.reply, async ({ url }) => {
      await using dheera = dheeraOf(url, application, {});
      const rank = async (): Promise<void> => void (await dheera.rerank({ model: "m", query, documents }));
      await Promise.all([rank(), rank(), rank()]);
      expect(cloud.grants).toHaveLength(1);
      cloud.withdraw("entra-1");
      await Promise.all([rank(), rank()]);
      expect(cloud.grants).toHaveLength(2);
    });
  });

  test("that is there already is sent as it is, and its refusal is final", async () => {
    const { requests, failure } = await rankWith({ params: { azure_ad_token: "stale" } });
    expect(requests.map(({ headers }) => headers["authorization"])).toEqual(["Bearer stale"]);
    expect(failure).toMatchObject({
      code: "provider_auth",
      permanent: true,
      message: expect.stringContaining("check azure_scope, which is https://cognitiveservices.azure.com/.default"),
    });
    expect(String(failure)).not.toContain("capital");
  });
});

describe("a key", () => {
  test("of the deployment comes before everything, and one of the environment before the environment's application", async () => {
    const { tenant_id, client_id, client_secret } = application;
    const environment = { AZURE_TENANT_ID: tenant_id, AZURE_CLIENT_ID: client_id, AZURE_CLIENT_SECRET: client_secret };
    for (const { params, variables } of [
      { params: { ...application, api_key: "a-key" }, variables: {} },
      { params: {}, variables: { ...environment, AZURE_AI_API_KEY: "a-key" } },
    ]) {
      const { requests } = await rankWith({ params, environment: variables });
      expect(requests.map(({ headers }) => headers["authorization"])).toEqual(["Bearer a-key"]);
    }
    expect(await rankWith({ params: application, environment: { AZURE_AI_API_KEY: "a-key" } })).toMatchObject({
      grants: ["application"],
    });
  });

  test("is asked for where there is nothing at all", async () => {
    const { requests, failure } = await rankWith({});
    expect(requests).toEqual([]);
    expect(failure).toMatchObject({ code: "provider_auth", message: expect.stringContaining("AZURE_AI_API_KEY") });
  });
});

describe("what the environment has", () => {
  test("goes to Azure's hosts and to the address of the environment, and nowhere else", () => {
    const { tenant_id, client_id, client_secret } = application;
    const environments: readonly Environment[] = [
      { AZURE_AD_TOKEN: "token" },
      { AZURE_CREDENTIAL: "ManagedIdentityCredential" },
      { AZURE_TENANT_ID: tenant_id, AZURE_CLIENT_ID: client_id, AZURE_CLIENT_SECRET: client_secret },
    ];
    return withServer(
      () => ({ body: {} }),
      async ({ url, requests }) => {
        for (const environment of environments) {
          const scorer = azureAi({ environment }).connect(testTarget({ model, apiBase: url }));
          await scorer.score(call).catch(() => {});
        }
        expect(requests.map(({ headers }) => headers["authorization"])).toEqual([undefined, undefined, undefined]);
        const named = { AZURE_AD_TOKEN: "token", AZURE_AI_API_BASE: url };
        const scorer = azureAi({ environment: named }).connect(testTarget({ model }));
        await scorer.score(call).catch(() => {});
        expect(requests.at(-1)?.headers["authorization"]).toBe("Bearer token");
      },
    );
  });
});

test.each([
  "https://mine.services.ai.azure.com.evil.test",
  "https://evilservices.ai.azure.com",
  "https://mine.services.ai.azure.com:8443",
  "http://mine.services.ai.azure.com",
])("what the environment has does not go to %s, and no token is asked for it", async (apiBase) => {
  const { tenant_id, client_id, client_secret } = application;
  const environment = {
    AZURE_AD_TOKEN: "token",
    AZURE_TENANT_ID: tenant_id,
    AZURE_CLIENT_ID: client_id,
    AZURE_CLIENT_SECRET: client_secret,
    AZURE_CREDENTIAL: "ManagedIdentityCredential",
  };
  const sent: (readonly [string, string | undefined])[] = [];
  const record = (url: string, request: HttpRequest = {}): Promise<never> => {
    sent.push([new URL(url).host, request.headers?.["authorization"]]);
    return Promise.reject(new Error("nobody is there"));
  };
  const target = testTarget({ model, apiBase, http: { json: record, request: record } });
  await azureAi({ environment })
    .connect(target)
    .score(call)
    .catch(() => {});
  expect(sent).toEqual([[new URL(apiBase).host, undefined]]);
});

describe("a mistake", () => {
  test.each([
    {
      name: "a wrong secret",
      params: { ...application, client_secret: "wrong-secret" },
      says: "HTTP 401, invalid_client); check tenant_id, client_id and client_secret",
    },
    {
      name: "another tenant",
      params: { ...application, tenant_id: "66666666-2222-3333-4444-555555555555" },
      says: "Microsoft Entra gave no token",
    },
    { name: "no pod", params: { azure_credential: "WorkloadIdentityCredential" }, says: "AZURE_FEDERATED_TOKEN_FILE" },
  ])("is named, and no secret with it: $name", async ({ params, says }) => {
    const { failure, requests } = await rankWith({ params });
    expect(failure).toMatchObject({ code: "provider_auth", message: expect.stringContaining(says) });
    expect(String(failure)).not.toMatch(/secret-|s3cret|wrong-secret/);
    expect(requests.filter(({ path }) => path.endsWith("/rerank"))).toEqual([]);
  });

  test.each([
    {
      params: { tenant_id: "t", client_id: "c" },
      param: "client_secret",
      says: "client_secret of this deployment is missing",
    },
    {
      params: { client_secret: "c" },
      param: "tenant_id",
      says: "tenant_id and client_id of this deployment are missing",
    },
    { params: { azure_credential: "Magic" }, param: "azure_credential", says: "must be one of ClientSecretCredential" },
    { params: { azure_ad_token: "oidc/google" }, param: "azure_ad_token", says: "WorkloadIdentityCredential" },
    { params: { azure_scope: 7 }, param: "azure_scope", says: "must be a text" },
  ])("is refused before anything is asked: $param", ({ params, param, says }) => {
    const target = testTarget({ model, apiBase: foundry, options: params });
    expect(() => azureAi({ environment: {} }).connect(target)).toThrow(
      expect.objectContaining({ code: "invalid_request", param, message: expect.stringContaining(says) }),
    );
  });
});

const call = { query, documents, params: {}, providerOptions: {}, signal: new AbortController().signal };

interface Given {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly environment?: Environment;
  readonly scope?: string;
}

interface Outcome {
  readonly grants: Azure["grants"];
  readonly requests: ScriptedServer["requests"];
  readonly order?: readonly number[];
  readonly failure?: unknown;
}

/** Ranks once, at the stand-in. */
function rankWith({ params = {}, environment = {}, scope }: Given): Promise<Outcome> {
  const cloud = azure(scope === undefined ? {} : { scope });
  return withServer(cloud.reply, async ({ url, requests }) => {
    await using dheera = dheeraOf(url, params, environment);
    const { grants } = cloud;
    return dheera.rerank({ model: "m", query, documents }).then(
      ({ results }) => ({ grants, requests, order: results.map(({ index }) => index) }),
      (failure: unknown) => ({ grants, requests, failure }),
    );
  });
}

/** The suite gives every provider a key, which would come first; and it has one server, where Entra is too. */
function withoutKey(provider: Provider): Provider {
  return {
    ...provider,
    connect: ({ model: name, apiBase, http, options }) =>
      provider.connect({
        model: name,
        options,
        http: apiBase === undefined ? http : toStandIn(http, apiBase),
        ...(apiBase !== undefined && { apiBase }),
      }),
  };
}
