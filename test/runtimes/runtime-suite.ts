import { afterAll, beforeAll, expect, it } from "vitest";

import { oracleRanking } from "../simulator/oracle.ts";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";

/** A proxy on some runtime. */
export interface RuntimeProxy {
  readonly url: string;
  /** @returns its exit code. */
  stop(): Promise<number | null>;
}

const masterKey = "sk-master-1234";
const token = "tei-token-1234";
const query = "capital of the moon";
const documents = Array.from({ length: 100 }, (_, index) => `the capital of country ${index} has ${index % 7} moons`);

/**
 * What the proxy does on every runtime.
 * @param start serves this configuration, with these variables in its environment
 */
export function testRuntime(
  start: (config: string, environment: Readonly<Record<string, string>>) => Promise<RuntimeProxy>,
): void {
  const stack = new AsyncDisposableStack();
  let upstream: Simulator;
  let proxy: RuntimeProxy;

  beforeAll(async () => {
    upstream = stack.use(await startSimulator({ apiKey: token, microsecondsPerToken: 10 }));
    proxy = await start(configuration(upstream.url), { DHEERA_AI_MASTER_KEY: masterKey, TEI_TOKEN: token });
    stack.defer(async () => void (await proxy.stop()));
  });

  afterAll(() => stack.disposeAsync());

  const post = (body: unknown): Promise<Response> =>
    fetch(`${proxy.url}/v1/rerank`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${masterKey}` },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  it("says that it is alive and ready", async () => {
    expect((await fetch(`${proxy.url}/health/liveliness`)).status).toBe(200);
    expect(await (await fetch(`${proxy.url}/health/readiness`)).json()).toMatchObject({ status: "healthy" });
  });

  it("refuses requests without a key", async () => {
    const response = await fetch(`${proxy.url}/v1/models`);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ error: { code: "unauthenticated" } });
  });

  it("shows its pages and its description", async () => {
    expect(await (await fetch(`${proxy.url}/`)).text()).toMatch(/^<!doctype html>/i);
    expect(await (await fetch(`${proxy.url}/openapi.json`)).json()).toMatchObject({
      openapi: expect.stringMatching(/^3\.1/),
    });
  });

  it("ranks by itself", async () => {
    const response = await post({ model: "bm25", query: "moon", documents: ["a sun", "the moon", "a star"], top_n: 1 });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ results: [{ index: 1 }] });
  });

  it("ranks through a server, in as many calls as that needs", async () => {
    const { results } = await readRanking(await post({ model: "tei", query, documents }));
    expect(results).toEqual(
      oracleRanking(query, documents).map(({ index, score }) => ({ index, relevance_score: score })),
    );
    expect(upstream.stats.calls).toBeGreaterThan(1);
  });

  it("serves a crowd", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 64 }, async (_, caller) => {
        const response = await post({ model: caller % 2 ? "tei" : "bm25", query: `${query} ${caller % 8}`, documents });
        await response.arrayBuffer();
        return response.status;
      }),
    );
    expect(statuses).toEqual(statuses.map(() => 200));
  });

  it("keeps scores", async () => {
    await readRanking(await post({ model: "tei", query: "the same again", documents }));
    const { meta } = await readRanking(await post({ model: "tei", query: "the same again", documents }));
    expect(meta.cached_documents).toBe(documents.length);
  });

  it.each([
    { mistake: "a body that is no JSON", body: '{"model":', status: 400, code: "invalid_request" },
    {
      mistake: "a model that is not there",
      body: { model: "unknown", query, documents },
      status: 404,
      code: "model_not_found",
    },
    {
      mistake: "an address of the caller's own",
      body: { model: "tei", query, documents, api_base: "http://127.0.0.1:1" },
      status: 400,
      code: "invalid_request",
    },
  ])("refuses $mistake in JSON", async ({ body, status, code }) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ message: expect.any(String), error: { code } });
  });

  it("answers in JSON that its upstream failed", async () => {
    upstream.follow(() => ({ kind: "refuse", status: 500 }));
    const response = await post({ model: "tei", query: "something new", documents: ["a"] });
    upstream.follow(undefined);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: "provider_failed" } });
  });
}

interface Ranking {
  readonly results: readonly unknown[];
  readonly meta: { readonly cached_documents?: number };
}

async function readRanking(response: Response): Promise<Ranking> {
  expect(response.status).toBe(200);
  return response.json() as Promise<Ranking>;
}

function configuration(upstreamUrl: string): string {
  // JSON is YAML.
  return JSON.stringify({
    model_list: [
      { model_name: "bm25", dheera_ai_params: { model: "bm25/default" } },
      {
        model_name: "tei",
        dheera_ai_params: {
          model: "huggingface/BAAI/bge-reranker-base",
          api_base: upstreamUrl,
          api_key: "os.environ/TEI_TOKEN",
        },
      },
    ],
    router_settings: { num_retries: 0, disable_cooldowns: true },
    dheera_ai_settings: { cache: true },
    general_settings: { master_key: "os.environ/DHEERA_AI_MASTER_KEY" },
  });
}
