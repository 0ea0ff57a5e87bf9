import { createDheera, type ModelEntry } from "@dheera-ai/core";
import { type Reply, type ScriptedServer, withServer } from "@dheera-ai/core/testing";
import { describe, expect, it } from "vitest";

import { dheeraAi } from "./row-providers.ts";
import { cohere } from "./row-providers.ts";

const request = { model: "m", query: "q", documents: ["secret one", "secret two"] };

/** A proxy's error body, as its documentation shows it. */
function ownError(status: number, code: string, message: string, param: string | null = null): Reply {
  return {
    status,
    body: { id: "call-1", message, detail: message, error: { message, type: "any_error", code, param } },
  };
}

/** What a request to a server that always answers so ends with, and the requests that reached the server. */
function failureOf(
  reply: Reply,
  provider: "dheera_ai" | "cohere" = "cohere",
): Promise<readonly [unknown, ScriptedServer]> {
  return withServer(
    () => reply,
    async (server) => {
      const entry: ModelEntry = {
        model_name: "m",
        dheera_ai_params: { model: `${provider}/model-1`, api_base: `${server.url}/v1?key=hidden`, api_key: "sk-1" },
      };
      await using dheera = createDheera({ providers: [cohere({ environment: {} }), dheeraAi()], model_list: [entry] });
      return [await dheera.rerank(request).catch((error: unknown) => error), server];
    },
  );
}

describe.each(["cohere", "dheera_ai"] as const)("an error of a Dheera AI proxy comes through %s whole", (provider) => {
  it.each([
    [404, "model_not_found", 'model: "m" is not known; configured are: a', "model"],
    [401, "unauthenticated", "send a key", null],
    [403, "forbidden", "this key may not use the model", null],
    [400, "invalid_request", "query: must not be empty", "query"],
    [429, "budget_exceeded", "the budget is used up", null],
  ])("%d %s, after one try", async (status, code, message, param) => {
    const [error, { requests }] = await failureOf(ownError(status, code, message, param), provider);
    expect(error).toMatchObject({ status, code, message, param: param ?? undefined, provider });
    expect(requests).toHaveLength(1);
  });
});

it("names a document that a proxy refused by the caller's own position", async () => {
  const reply = ownError(
    422,
    "provider_rejected",
    "documents[0]: huggingface calls the request too large",
    "documents[0]",
  );
  const [error] = await failureOf(reply);
  expect(error).toMatchObject({
    code: "provider_rejected",
    param: "documents[0]",
    message: "documents[0]: huggingface calls the request too large",
  });
});

it("repeats neither an address nor control characters that a hostile server puts into such an error", async () => {
  const message =
    "ask\u001b[2J\u009b1m http://10.0.0.8:9200/index?key=1 or\n\u202eredis://u:p@cache:6379/0, and https://[fd00::8]:80/";
  const [error] = await failureOf(ownError(502, "provider_failed", message, "<script>\n"));
  expect(error).toMatchObject({ code: "provider_failed", param: undefined });
  expect((error as Error).message).toBe("ask [2J 1m (an address) or (an address), and (an address)");
});

describe("a request that a proxy finds too large", () => {
  it.each([
    [413, "request_too_large", "the body is larger than the 1 MB allowed", null],
    [400, "invalid_request", "documents: 4 documents are more than the 2 allowed", "documents"],
  ])("is sent in parts, and is no failure of the deployment: %d %s", async (status, code, message, param) => {
    const answer = ({ body }: { readonly body: unknown }): Reply => {
      const { documents } = body as { readonly documents: readonly string[] };
      if (documents.length > 2) return ownError(status, code, message, param);
      return { body: { results: documents.map((text, index) => ({ index, relevance_score: Number(text) })) } };
    };
    await withServer(answer, async ({ url }) => {
      const entry: ModelEntry = { model_name: "m", dheera_ai_params: { model: "dheera_ai/m", api_base: url } };
      await using dheera = createDheera({ providers: [dheeraAi({ environment: {} })], model_list: [entry] });
      const { results } = await dheera.rerank({ model: "m", query: "q", documents: ["0.1", "0.4", "0.2", "0.3"] });
      expect(results.map(({ index }) => index)).toEqual([1, 3, 2, 0]);
      expect(dheera.deployments()[0]).toMatchObject({ failures: 0 });
    });
  });
});

it.each<[string, Reply]>([
  ["a code that is none of ours", ownError(404, "not_found", "secret one")],
  ["a status that is another code's", ownError(400, "model_not_found", "secret one")],
  [
    "OpenAI's shape",
    { status: 404, body: { error: { message: "secret one", type: "t", code: "model_not_found", param: null } } },
  ],
])("takes no other server's error for a proxy's: %s", async (_, reply) => {
  const [error] = await failureOf(reply);
  expect(error).toMatchObject({ code: expect.stringMatching(/^provider_/) });
  expect((error as Error).message).not.toContain("secret one");
});

describe("a refusal for good", () => {
  it.each([401, 402, 403, 404, 405])("is asked for once: HTTP %d", async (status) => {
    const [, { requests }] = await failureOf({ status, body: { message: "no" } });
    expect(requests).toHaveLength(1);
  });

  it("is not one that may pass: HTTP 500 is tried three times", async () => {
    const [, { requests }] = await failureOf({ status: 500, body: { message: "no" } });
    expect(requests).toHaveLength(3);
  });
});

it("tells operators where it failed and what the upstream calls it, and callers neither address nor text", async () => {
  const [error, { url }] = await failureOf({
    status: 404,
    body: { error: { code: "DeploymentNotFound", message: "secret one is not deployed" } },
  });
  expect(error).toMatchObject({
    message: "the server (cohere/model-1) does not know this path or model; check api_base and model (HTTP 404)",
    upstream: { address: `${url}/v1/rerank`, status: 404, code: "DeploymentNotFound" },
  });
  const { message } = error as Error;
  for (const hidden of [url, "hidden", "secret", "sk-1"]) expect(message).not.toContain(hidden);
});

it("tells operators the address where nothing listens", async () => {
  const url = await withServer(
    () => ({ body: {} }),
    async (server) => server.url,
  );
  await using dheera = createDheera({ providers: [cohere({ environment: {} })] });
  await expect(dheera.rerank({ ...request, model: "cohere/x", api_base: url, timeout: 5 })).rejects.toMatchObject({
    code: "provider_unreachable",
    upstream: { address: `${url}/v2/rerank` },
  });
});
