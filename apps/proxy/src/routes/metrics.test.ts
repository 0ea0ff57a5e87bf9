import { Hono } from "hono";
import { expect, it } from "vitest";

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

function config(url: string): string {
  return `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${url}" }
    model_info: { id: one }
general_settings: { master_key: sk-master }`;
}
