import { APICallError, rerank } from "ai";
import { isDheeraError } from "dheera-ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type AdapterProxy, oddNames, startAdapterProxy } from "../../../test/clients/adapter-proxy.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { createDheeraAI } from "./index.ts";

const query = "cat";
const documents = ["the dog", "the cat", "the horse"];

describe("rerank of the AI SDK, at a proxy", () => {
  let proxy: AdapterProxy;
  beforeAll(async () => {
    proxy = await startAdapterProxy();
  });
  afterAll(() => proxy[Symbol.asyncDispose]());

  it.each(["", "/", "/v1"])("ranks with a key, under the address with %j behind it", async (path) => {
    const provider = createDheeraAI({ baseURL: `${proxy.url}${path}`, apiKey: proxy.key });
    const { ranking, response, providerMetadata } = await rerank({
      model: provider("words"),
      query,
      documents,
      topN: 2,
    });
    expect(ranking[0]).toMatchObject({ originalIndex: 1, document: "the cat" });
    expect(ranking).toHaveLength(2);
    expect(response).toMatchObject({ modelId: "words", timestamp: expect.any(Date) });
    const { dheera } = providerMetadata ?? {};
    expect(dheera).toMatchObject({ score_kind: "unknown", usage: expect.anything() });
    // Who served behind the proxy is the proxy's to say; the adapter's own name for it would be none.
    for (const name of ["provider", "deployment"]) expect(dheera).not.toHaveProperty(name);
  });

  it("says that a key is wrong, and does not try it again", async () => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: "sk-wrong" });
    const error = await failureOf(rerank({ model: provider("words"), query, documents }));
    expect(error).toMatchObject({ statusCode: 401, isRetryable: false, data: { code: "unauthenticated" } });
    expect(error.url).toBe(`${proxy.url}/v1/rerank`);
    expect(isDheeraError(error.cause)).toBe(true);
    expect(JSON.stringify({ ...error, cause: undefined })).not.toMatch(/sk-wrong|the dog/);
  });

  it("says when to come again where a limit is used up and the time of the request is too short to wait", async () => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: proxy.limitedKey });
    const providerOptions = { dheera: { timeout: 5 } };
    const ask = () => rerank({ model: provider("words"), query, documents, providerOptions, maxRetries: 0 });
    // Where the minute of the limit is over soon, the library waits for it, and may run out of time.
    const error = await refusalOf(ask);
    expect(error.data).toMatchObject({ code: "rate_limited" });
    const seconds = Number(error.responseHeaders?.["retry-after"]);
    expect(seconds).toBeGreaterThan(0);
    expect(error.isRetryable).toBe(seconds < 60);
  });

  it.each(oddNames)("ranks with a model that the proxy calls %j, also as a fallback", async (name) => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: proxy.key });
    expect((await rerank({ model: provider(name), query, documents })).response.modelId).toBe(name);
    for (const fallbacks of [[name], [{ model: name }], [{ down: [name] }], [{ other: ["words"] }, { "*": [name] }]]) {
      const call = { model: provider("down"), query, documents, providerOptions: { dheera: { fallbacks } } };
      expect((await rerank(call)).response.modelId).toBe(name);
    }
  });

  it("says that the proxy has no such model", async () => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: proxy.key });
    const error = await failureOf(rerank({ model: provider("nobody-has-it"), query, documents }));
    expect(error).toMatchObject({ statusCode: 404, isRetryable: false, data: { code: "model_not_found" } });
  });

  it("uses the proxy's models as fallbacks by their names", async () => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: proxy.key });
    const { ranking, response } = await rerank({
      model: provider("down"),
      query,
      documents,
      providerOptions: { dheera: { fallbacks: ["words"] } },
    });
    expect(ranking[0]?.originalIndex).toBe(1);
    expect(response.modelId).toBe("words");
  });

  it("ranks records of the proxy's as of this process", async () => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: proxy.key });
    const records = [
      { title: "cat", body: "an animal" },
      { title: "an animal", body: "cat cat cat" },
    ];
    const best = async (rankFields?: string[]) => {
      const dheera = { rank_fields: rankFields };
      const call = { model: provider("words"), query, documents: records, providerOptions: { dheera } };
      return (await rerank(call)).ranking[0]?.originalIndex;
    };
    expect(await best(["title"])).toBe(0);
    expect(await best()).toBe(1);
  });

  it("ends the request at the server when the signal aborts, with an error that the SDK lets pass", async () => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: proxy.key });
    const { arrived, gone } = proxy.hanging;
    const controller = new AbortController();
    const asked = rerank({ model: provider("hangs"), query, documents, abortSignal: controller.signal });
    const outcome = expect(asked).rejects.toMatchObject({ name: "AbortError" });
    await eventually(() => proxy.hanging.arrived).toBe(arrived + 1);
    controller.abort();
    await outcome;
    await eventually(() => proxy.hanging.gone).toBe(gone + 1);
  });

  it("keeps what a signal was aborted with as the cause, and asks nobody where it is aborted before", async () => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: proxy.key });
    const { arrived } = proxy.hanging;
    const abortSignal = AbortSignal.abort("the user left");
    await expect(rerank({ model: provider("hangs"), query, documents, abortSignal })).rejects.toMatchObject({
      name: "AbortError",
      cause: "the user left",
    });
    expect(proxy.hanging.arrived).toBe(arrived);
  });

  it("ends with a TimeoutError where the signal is one of time", async () => {
    const provider = createDheeraAI({ baseURL: proxy.url, apiKey: proxy.key });
    const abortSignal = AbortSignal.timeout(20);
    await expect(rerank({ model: provider("hangs"), query, documents, abortSignal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });
});

/** The first answer of 429. */
async function refusalOf(ask: () => Promise<unknown>): Promise<APICallError> {
  for (let time = 0; time < 20; time++) {
    const error: unknown = await ask().catch((failure: unknown) => failure);
    if (APICallError.isInstance(error) && error.statusCode === 429) return error;
  }
  throw new Error("the limit was never used up");
}

/** The failure of a call, which has to be one of the SDK's for calls. */
async function failureOf(asked: Promise<unknown>): Promise<APICallError> {
  const error: unknown = await asked.then(
    () => new Error("the call did not fail"),
    (failure: unknown) => failure,
  );
  if (!APICallError.isInstance(error)) throw error;
  return error;
}
