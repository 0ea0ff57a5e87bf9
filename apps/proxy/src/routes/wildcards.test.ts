import { describe, expect, it } from "vitest";

import { hashKey } from "../access/hash-key.ts";
import { parseConfig } from "../config/parse-config.ts";
import { startUpstream } from "../fixtures/start-upstream.ts";
import { startObservedProxy } from "../telemetry/fixtures/observed-proxy.ts";

const request = { query: "q", documents: ["1 a", "2 b"] };

function config(upstream: string, more = ""): string {
  return `
general_settings:
  master_key: sk-master
  keys:
    - { name: all, key: "${hashKey("sk-all")}", models: ["huggingface/*"] }
    - { name: one, key: "${hashKey("sk-one")}", models: [huggingface/BAAI/one] }
    - { name: other, key: "${hashKey("sk-other")}", models: [plain] }
model_list:
  - model_name: "huggingface/*"
    dheera_ai_params: { model: "huggingface/*", api_base: "${upstream}", api_key: hf_secret }
    model_info: { id: every }
  - model_name: plain
    dheera_ai_params: { model: huggingface/BAAI/plain, api_base: "${upstream}" }
${more}`;
}

const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

describe('model_name: "huggingface/*"', () => {
  it("serves each model that a request names, at the address and with the key of its entry", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
    const answer = await proxy.rerank({ ...request, model: "huggingface/BAAI/one" });
    expect(await answer.json()).toMatchObject({ model: "huggingface/BAAI/one", results: [{ index: 1 }, { index: 0 }] });
    expect(answer.headers.get("x-dheera-model-id")).toBe("every");
    expect(upstream.headers.at(-1)?.authorization).toBe("Bearer hf_secret");
  });

  it("is one label in metrics, however many models are named", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
    for (const name of ["one", "two", "three"])
      expect((await proxy.rerank({ ...request, model: `huggingface/BAAI/${name}` })).status).toBe(200);
    const metrics = await proxy.metrics();
    expect(metrics.value("dheera_ai_proxy_total_requests_metric_total", { requested_model: "huggingface/*" })).toBe(3);
    const labels = { model_id: "every", model_group: "huggingface/*", api_provider: "huggingface" };
    expect(metrics.value("dheera_ai_deployment_success_responses_total", labels)).toBe(3);
    expect(metrics.value("dheera_ai_deployment_documents_in_flight", labels)).toBe(0);
    expect(await (await proxy.get("/metrics")).text()).not.toContain("BAAI/one");
  });

  it.each([
    ["sk-all", "huggingface/BAAI/one", 200],
    ["sk-all", "plain", 403],
    ["sk-one", "huggingface/BAAI/one", 200],
    ["sk-one", "huggingface/BAAI/two", 403],
    ["sk-other", "huggingface/BAAI/one", 403],
    ["sk-master", "huggingface/../one", 404],
    ["sk-master", "huggingface/BAAI/one?revision=x", 404],
    ["sk-master", "cohere/rerank-v3.5", 404],
    ["sk-master", 7, 400],
    ["sk-master", null, 400],
  ])("is open to keys that name it, or the model: %s asks for %j and gets %i", async (key, model, status) => {
    await using upstream = await startUpstream();
    await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
    expect((await proxy.rerank({ ...request, model }, as(key))).status).toBe(status);
  });

  it("is listed by its own name, and to a key that names one of its models by that", async () => {
    await using proxy = await startObservedProxy({ yaml: config("http://127.0.0.1:9") });
    const listed = async (key: string): Promise<unknown> => {
      const { data } = await (await proxy.get("/v1/models", as(key))).json();
      return data.map(({ id }: { id: string }) => id);
    };
    expect(await listed("sk-master")).toEqual(["plain", "huggingface/*"]);
    expect(await listed("sk-all")).toEqual(["huggingface/*"]);
    expect(await listed("sk-one")).toEqual(["huggingface/BAAI/one"]);
    expect((await proxy.get("/v1/models/huggingface/BAAI/two", as("sk-all"))).status).toBe(200);
    expect((await proxy.get("/v1/models/huggingface/BAAI/two", as("sk-one"))).status).toBe(404);
    const { data } = await (await proxy.get("/model/info?model=huggingface/BAAI/one", as("sk-all"))).json();
    expect(data).toMatchObject([{ model_name: "huggingface/*", model_info: { id: "every", state: "unknown" } }]);
  });

  it("has nothing to check, so that it is neither healthy nor unhealthy", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
    const report = await (await proxy.get("/health")).json();
    expect(report).toMatchObject({ healthy_count: 1, unhealthy_count: 0 });
  });

  it("serves requests with texts by a model that has a name of its own", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
    expect((await proxy.get("/info").then((answer) => answer.json())).model_id).toBe("plain");
  });

  it("makes names that it stands for known to keys and fallbacks of the configuration", () => {
    const more = 'router_settings: { fallbacks: [{ plain: [huggingface/BAAI/spare] }, { plain: ["cohere/x"] }] }';
    const { warnings } = parseConfig(config("http://127.0.0.1:9", more), { file: "config.yaml", environment: {} });
    expect(warnings).toEqual([expect.stringContaining("names cohere/x, which no entry of model_list has")]);
  });
});

it('serves any provider\'s models under "*", but with no key that would go to whichever a caller names', async () => {
  const entry = (params: string): string => `
general_settings: { master_key: sk-master }
model_list: [{ model_name: "*", dheera_ai_params: { model: "*"${params} } }]`;
  await using proxy = await startObservedProxy({ yaml: entry("") });
  const answer = await proxy.rerank({ ...request, model: "bm25/default" });
  expect(await answer.json()).toMatchObject({ model: "bm25/default" });
  await expect(startObservedProxy({ yaml: entry(", api_key: sk-secret") })).rejects.toThrow(
    /model_list\[0\].*api_key.*whichever provider a caller names/,
  );
});
