import { describe, expect, it } from "vitest";

import { hashKey } from "../access/hash-key.ts";
import { oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { sendJson, startUpstream } from "../fixtures/start-upstream.ts";

const keyed =
  "general_settings: { master_key: sk-master, keys: [{ name: other, key: os.environ/OTHER, models: [bm25] }] }";
const environment = { OTHER: "sk-other" };
const master = { authorization: "Bearer sk-master" };

describe("probes", () => {
  it.each(["/health/liveliness", "/health/liveness"])("%s says that the process lives, without a key", async (path) => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9", keyed), environment });
    const response = await proxy.get(path);
    expect([response.status, await response.json()]).toEqual([200, "I'm alive!"]);
  });

  it("/health/readiness says that the proxy takes requests, without a key", async () => {
    await using proxy = await startProxy({
      yaml: oneModel("http://127.0.0.1:9", `${keyed}\ndheera_ai_settings: { cache: true }`),
      environment,
    });
    const response = await proxy.get("/health/readiness");
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: "healthy", cache: "local", dheera_ai_version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    ]);
  });
});

describe("GET /health", () => {
  it("calls each deployment and reports which serve", async () => {
    await using good = await startUpstream();
    await using bad = await startUpstream(({ outgoing }) => sendJson(outgoing, {}, {}, 401));
    const yaml = oneModel(good.url, keyed).replace(
      "model_list:",
      `model_list:\n  - { model_name: broken, dheera_ai_params: { model: huggingface/x, api_base: "${bad.url}", api_key: sk-upstream } }`,
    );
    await using proxy = await startProxy({ yaml, environment });
    const text = await (await proxy.get("/health", master)).text();
    expect(JSON.parse(text)).toEqual({
      healthy_endpoints: [
        {
          model_id: expect.stringMatching(/^bge-/),
          model_name: "bge",
          model: "huggingface/BAAI/bge-reranker-base",
          api_base: good.url,
          response_time_ms: expect.any(Number),
        },
      ],
      unhealthy_endpoints: [
        {
          model_id: expect.stringMatching(/^broken-/),
          model_name: "broken",
          model: "huggingface/x",
          api_base: bad.url,
          error: { code: "provider_auth", message: expect.stringContaining("key") },
        },
      ],
      healthy_count: 1,
      unhealthy_count: 1,
    });
    expect(text).not.toContain("sk-upstream");
  });

  it("checks only the named model, and only for callers that may use it", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, keyed), environment });
    expect(await (await proxy.get("/health?model=nobody", master)).json()).toMatchObject({
      healthy_count: 0,
      unhealthy_count: 0,
    });
    expect((await proxy.get("/health?model=bge", { authorization: "Bearer sk-other" })).status).toBe(403);
    expect((await proxy.get("/health")).status).toBe(401);
    expect(upstream.requests).toHaveLength(0);
    expect(await (await proxy.get("/health?model=bge", master)).json()).toMatchObject({ healthy_count: 1 });
    expect(upstream.requests).toHaveLength(1);
  });

  it("shows no details where the operator has switched them off", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({
      yaml: oneModel(upstream.url, "general_settings: { health_check_details: false }"),
    });
    expect(await (await proxy.get("/health")).json()).toMatchObject({
      healthy_endpoints: [{ model_id: expect.any(String), model_name: "bge" }],
    });
  });

  it("answers with what was found in the background", async () => {
    await using upstream = await startUpstream();
    const yaml = oneModel(
      upstream.url,
      "general_settings: { background_health_checks: true, health_check_interval: 3600 }",
    );
    await using proxy = await startProxy({ yaml });
    await expect.poll(() => upstream.requests.length).toBe(1);
    for (let i = 0; i < 3; i++) expect(await (await proxy.get("/health")).json()).toMatchObject({ healthy_count: 1 });
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("GET /health/services", () => {
  it("reports the state of the services that the proxy relies on", async () => {
    await using proxy = await startProxy({
      yaml: oneModel("http://127.0.0.1:9", "dheera_ai_settings: { cache: true }"),
    });
    expect(await (await proxy.get("/health/services")).json()).toEqual({
      status: "healthy",
      services: [
        { name: "cache", type: "local", status: "healthy" },
        { name: "rate_limits", type: "local", status: "healthy" },
        { name: "database", type: "none", status: "off" },
      ],
    });
    expect(await (await proxy.get("/health/services?service=cache")).json()).toMatchObject({
      services: [{ name: "cache" }],
    });
    expect((await proxy.get("/health/services?service=x")).status).toBe(400);
  });

  it("answers 503 when one of them is away", async () => {
    const redis = "router_settings: { redis_host: 127.0.0.1, redis_port: 9 }";
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9", redis) });
    const response = await proxy.get("/health/services");
    expect([response.status, await response.json()]).toEqual([
      503,
      {
        status: "unhealthy",
        services: [
          { name: "cache", type: "none", status: "off" },
          { name: "rate_limits", type: "redis", status: "unhealthy" },
          { name: "database", type: "none", status: "off" },
        ],
      },
    ]);
  });

  it("names every service in its refusal, also one that is not configured", async () => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    const refusal = await proxy.get("/health/services?service=x");
    expect(await refusal.json()).toMatchObject({ message: "service: must be one of cache, rate_limits, database" });
    expect(await (await proxy.get("/health/services?service=cache")).json()).toEqual({
      status: "healthy",
      services: [{ name: "cache", type: "none", status: "off" }],
    });
  });

  it("is for the master key alone", async () => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9", keyed), environment });
    expect((await proxy.get("/health/services", { authorization: "Bearer sk-other" })).status).toBe(403);
  });
});

it("GET /health calls an upstream once in a few seconds, and counts as a request of its key", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startProxy({
    yaml: oneModel(
      upstream.url,
      `general_settings: { keys: [{ name: a, key: "${hashKey("sk-a")}", rpm: 20 }, { name: b, key: "${hashKey("sk-b")}" }] }`,
    ),
  });
  const ask = (key: string): Promise<Response> => proxy.get("/health", { authorization: `Bearer ${key}` });
  const statuses = await Promise.all(Array.from({ length: 30 }, async () => (await ask("sk-a")).status));
  expect([
    statuses.filter((status) => status === 200).length,
    statuses.filter((status) => status === 429).length,
  ]).toEqual([20, 10]);
  expect((await ask("sk-b")).status).toBe(200);
  // One, unless the machine takes seconds for the requests above.
  expect(upstream.requests.length).toBeLessThan(4);
});
