import { expect, it } from "vitest";

import { startUpstream } from "../fixtures/start-upstream.ts";
import { hashKey } from "../access/hash-key.ts";
import { startCollector } from "./fixtures/collector.ts";
import { startObservedProxy } from "./fixtures/observed-proxy.ts";

const request = { model: "bge", query: "q", documents: ["1 a", "2 b", "3 c"] };

/** The upstream counts 10 tokens a document. */
function config(upstream: string, price = 'model_info: { id: one, input_cost_per_token: "1e-6" }'): string {
  return `
general_settings:
  { master_key: sk-master, litellm_response_headers: true, keys: [{ name: team, key: "${hashKey("sk-team")}" }] }
dheera_ai_settings: { cache: true }
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge, api_base: "${upstream}" }
    ${price}
`;
}

it("tells what a request cost in its answer, its headers, its log line and the metrics", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const answer = await proxy.rerank(request, { authorization: "Bearer sk-team" });
  expect(await answer.json()).toMatchObject({ usage: { total_tokens: 30, cost: 3e-5 } });
  expect(Number(answer.headers.get("x-dheera-response-cost"))).toBe(3e-5);
  expect(answer.headers.get("x-litellm-response-cost")).toBe(answer.headers.get("x-dheera-response-cost"));
  const labels = { model_group: "bge", api_key_alias: "team", api_provider: "huggingface" };
  const metrics = await proxy.metrics();
  expect(metrics.value("dheera_ai_spend_metric_total", labels)).toBe(3e-5);
  expect(metrics.value("dheera_ai_deployment_unpriced_responses_total")).toBeUndefined();
  expect(proxy.logged()).toContainEqual(expect.objectContaining({ route: "/v1/rerank", cost: 3e-5 }));
});

it.each([
  ["beside the other parameters, as LiteLLM takes it", ', input_cost_per_token: "2e-6"', "{ id: one }", 6e-5],
  [
    "in both places, of which model_info wins",
    ", input_cost_per_token: 1",
    "{ id: one, input_cost_per_token: 1e-6 }",
    3e-5,
  ],
])("takes a price %s", async (_, params, info, cost) => {
  await using upstream = await startUpstream();
  const yaml = config(upstream.url, `model_info: ${info}`).replace("/bge,", `/bge${params},`);
  await using proxy = await startObservedProxy({ yaml });
  expect((await (await proxy.rerank(request)).json()).usage.cost).toBe(cost);
});

it("tells what known scores saved, and that they cost nothing", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  await proxy.rerank(request);
  const answer = await proxy.rerank(request);
  const { usage } = await answer.json();
  expect(usage).toMatchObject({ cost: 0, saved_cost: expect.any(Number) });
  expect(usage.saved_cost).toBeGreaterThan(0);
  expect(answer.headers.get("x-dheera-response-cost")).toBe("0");
  const labels = { model_group: "bge", api_key_alias: "master", api_provider: "huggingface" };
  const metrics = await proxy.metrics();
  expect(metrics.value("dheera_ai_spend_metric_total", labels)).toBe(3e-5);
  expect(metrics.value("dheera_ai_saved_spend_metric_total", labels)).toBe(usage.saved_cost);
  expect(proxy.logged()).toContainEqual(expect.objectContaining({ saved_cost: usage.saved_cost }));
});

it("says nothing of a cost that is not known, instead of 0", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url, "model_info: { id: one }") });
  const answer = await proxy.rerank(request);
  expect((await answer.json()).usage).toEqual({ prompt_tokens: 30, completion_tokens: 0, total_tokens: 30 });
  expect(answer.headers.has("x-dheera-response-cost")).toBe(false);
  expect(answer.headers.has("x-litellm-response-cost")).toBe(false);
  expect((await proxy.metrics()).value("dheera_ai_spend_metric_total")).toBeUndefined();
  expect(proxy.logged().some((line) => "cost" in line)).toBe(false);
});

it("is in the spans of the request and of its calls", async () => {
  await using upstream = await startUpstream();
  await using collector = await startCollector();
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
  const proxy = await startObservedProxy({ yaml: config(upstream.url), environment });
  await proxy.rerank(request);
  await proxy[Symbol.asyncDispose]();
  expect(collector.spans().map(({ attributes }) => attributes["dheera_ai.cost"])).toEqual([3e-5, 3e-5]);
});

it.each([
  ["input_cost_per_query", "free"],
  ["input_cost_per_token", "-1"],
  ["output_cost_per_token", "true"],
])("a price that is none stops the start with its place in the file: %s: %s", async (name, value) => {
  const yaml = config("http://127.0.0.1:9", `model_info: { ${name}: ${value} }`);
  await expect(startObservedProxy({ yaml })).rejects.toThrow(
    new RegExp(`config.yaml:8:\\d+ +model_list\\[0\\]\\.model_info\\.${name}: must be`),
  );
});
