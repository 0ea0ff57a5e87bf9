import { Hono } from "hono";
import * as v from "valibot";
import { expect, it } from "vitest";

import { hashKey } from "../access/hash-key.ts";
import { startProxy } from "../fixtures/start-proxy.ts";
import { startUpstream } from "../fixtures/start-upstream.ts";
import { fixedGateway } from "../gateway/gateway-ref.ts";
import { createHandle } from "../http/handle.ts";
import { startObservedProxy } from "../telemetry/fixtures/observed-proxy.ts";
import { metricsRoutes } from "./metrics.ts";

it("shows the metrics to callers with a key, and counts that as a request", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const app = new Hono();
  const page = proxy.telemetry.metrics;
  if (!page) throw new Error("metrics are on by default");
  metricsRoutes(
    app,
    createHandle(fixedGateway(proxy.gateway), () => "203.0.113.7"),
    page,
  );

  const refused = await app.request("/metrics");
  expect(refused.status).toBe(401);
  expect(await refused.text()).not.toContain("bge");

  const shown = await app.request("/metrics", { headers: { authorization: "Bearer sk-master" } });
  expect(shown.status).toBe(200);
  expect(shown.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await shown.text()).toContain('dheera_ai_deployment_state{model_id="one"');
  expect(
    (await proxy.metrics()).value("dheera_ai_proxy_total_requests_metric_total", {
      route: "/metrics",
      status_code: "200",
    }),
  ).toBe(1);
});

it("does not show other keys and models to a key that is not for it, on any path", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startProxy({
    yaml: `
model_list:
  - { model_name: bge, dheera_ai_params: { model: huggingface/a/bge, api_base: "${upstream.url}" } }
  - { model_name: xerxes-model, dheera_ai_params: { model: huggingface/a/xerxes-path, api_base: "${upstream.url}" } }
general_settings:
  master_key: sk-master
  keys:
    - { name: restricted, key: "${hashKey("sk-restricted")}", models: [bge] }
    - { name: xerxes-key, key: "${hashKey("sk-hidden")}", models: [xerxes-model] }
    - { name: prometheus, key: "${hashKey("sk-prometheus")}", models: [], read_metrics: true }`,
  });
  const post = (key: string, model: string): Promise<Response> =>
    proxy.post("/rerank", { model, query: "q", documents: ["0.1"] }, { authorization: `Bearer ${key}` });
  expect((await post("sk-hidden", "xerxes-model")).status).toBe(200);
  const get = (key: string, path: string): Promise<Response> => proxy.get(path, { authorization: `Bearer ${key}` });

  expect((await get("sk-restricted", "/metrics")).status).toBe(403);
  for (const key of ["sk-master", "sk-prometheus"])
    expect(await (await get(key, "/metrics")).text()).toContain('api_key_alias="xerxes-key"');
  const document: unknown = await (await proxy.get("/openapi.json")).json();
  const paths = Object.entries(v.parse(described, document).paths).filter(([, { get: operation }]) => operation);
  expect(paths.length).toBeGreaterThan(10);
  for (const [path] of paths) expect(await (await get("sk-restricted", path)).text(), path).not.toContain("xerxes");
  const refused = await post("sk-restricted", "xerxes-model");
  expect(await refused.json()).toMatchObject({
    message: 'the key restricted may not use the model "xerxes-model"; it may use bge',
  });
});

const described = v.object({ paths: v.record(v.string(), v.object({ get: v.optional(v.unknown()) })) });

function config(url: string): string {
  return `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${url}" }
    model_info: { id: one }
general_settings: { master_key: sk-master }`;
}
