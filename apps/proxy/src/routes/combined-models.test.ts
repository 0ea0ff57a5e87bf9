import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { startProxy } from "../fixtures/start-proxy.ts";
import { type Upstream, startUpstream } from "../fixtures/start-upstream.ts";

/** `far` scores a text by the number it begins with; `near` counts words. */
function yamlOf({ url }: Upstream, params = "", more = ""): string {
  return `
model_list:
  - { model_name: near, dheera_ai_params: { model: bm25/default } }
  - model_name: far
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${url}"${params} }
    model_info: { input_cost_per_query: 0.002 }
  - model_name: both
    dheera_ai_params: { model: cascade/both, stages: [{ model: near, keep: 2 }, { model: far }] }
    model_info: { id: the-cascade }
  - model_name: fused
    dheera_ai_params: { model: fusion/fused, models: [near, far, input_order] }
  - model_name: halves
    dheera_ai_params: { model: split/halves, split: { near: 0.5, far: 0.5 } }
${more}
`;
}

const keys = `
general_settings:
  master_key: sk-master
  keys:
    - { name: shop, key: os.environ/SHOP, models: [both, halves] }
`;
const environment = { SHOP: "sk-shop" };
const shop = { authorization: "Bearer sk-shop" };
const master = { authorization: "Bearer sk-master" };
const request = { model: "both", query: "milk", documents: ["0.1 bread", "0.2 milk milk", "0.9 milk"] };

const answered = v.object({ model: v.string() });

async function servedBy(response: Promise<Response>): Promise<string> {
  return v.parse(answered, await (await response).json()).model;
}

describe("a model that asks others", () => {
  it.each(["/rerank", "/v1/rerank", "/v2/rerank"])("ranks at %s, and says what its stages did", async (path) => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: yamlOf(upstream) });
    const response = await proxy.post(path, request);
    expect(response.headers.get("x-dheera-model-name")).toBe("both");
    expect(await response.json()).toMatchObject({
      model: "both",
      results: [
        { index: 2, relevance_score: 0.9, stage: "far", stage_score: 0.9 },
        { index: 1, relevance_score: 0.2, stage: "far", stage_score: 0.2 },
        { index: 0, relevance_score: 0, stage: "near", stage_score: 0 },
      ],
      meta: {
        score_kind: "probability",
        stages: [
          { model: "near", documents: 3, score_kind: "unknown" },
          { model: "far", documents: 2, score_kind: "probability", cost: 0.002 },
        ],
      },
      usage: { cost: 0.002 },
    });
    expect(upstream.requests).toMatchObject([{ texts: ["0.2 milk milk", "0.9 milk"] }]);
  });

  it("answers a client of Text Embeddings Inference in its own shape", async () => {
    await using upstream = await startUpstream();
    const alone = yamlOf(upstream).replace("model_list:", "router_settings: {}\nmodel_list:");
    await using proxy = await startProxy({ yaml: `${alone}\n${keys}`, environment });
    const response = await proxy.post("/rerank", { query: "milk", texts: request.documents }, shop);
    expect(await response.json()).toEqual([
      { index: 2, score: 0.9 },
      { index: 1, score: 0.2 },
      { index: 0, score: 0 },
    ]);
  });

  it("is what a key may use, whatever it may not of the models that are asked", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: `${yamlOf(upstream)}\n${keys}`, environment });
    expect((await proxy.post("/rerank", request, shop)).status).toBe(200);
    expect((await proxy.post("/rerank", { ...request, model: "the-cascade" }, shop)).status).toBe(200);
    expect((await proxy.post("/rerank", { ...request, model: "far" }, shop)).status).toBe(403);
    expect((await proxy.post("/rerank", { ...request, model: "fused" }, shop)).status).toBe(403);
    expect(await (await proxy.get("/v1/models", shop)).json()).toMatchObject({
      data: [{ id: "both" }, { id: "halves" }],
    });
    expect(await (await proxy.get("/model/info", shop)).json()).toMatchObject({
      data: [
        {
          model_name: "both",
          dheera_ai_params: { model: "cascade/both" },
          model_info: { id: "the-cascade", state: "combined", members: ["near", "far"] },
        },
        { model_name: "halves", model_info: { members: ["near", "far"] } },
      ],
    });
    expect(await (await proxy.get("/model_group/info?model=halves", shop)).json()).toMatchObject({
      data: [{ model_group: "halves", providers: ["split"], deployments: 0 }],
    });
  });

  it("has no health of its own, and keeps nobody from seeing that of the others", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: yamlOf(upstream) });
    expect(await (await proxy.get("/health")).json()).toMatchObject({ healthy_count: 2, unhealthy_count: 0 });
    expect(await (await proxy.get("/health?model=both")).json()).toMatchObject({
      healthy_count: 0,
      unhealthy_count: 0,
    });
    expect((await proxy.get("/health/readiness")).status).toBe(200);
  });

  it("counts as one request by its own name, and calls by those of the models that are asked", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: yamlOf(upstream) });
    await (await proxy.post("/rerank", request)).text();
    const metrics = await (await proxy.get("/metrics")).text();
    const requests = metrics.split("\n").filter((line) => line.startsWith("dheera_ai_proxy_total_requests_metric"));
    expect(requests.filter((line) => line.includes('"both"'))).toHaveLength(1);
    expect(requests.filter((line) => line.includes('"far"'))).toEqual([]);
    expect(metrics).toMatch(/dheera_ai_deployment_total_requests_total\{[^}]*"far"[^}]*\} 1/);
  });

  it("asks nobody and costs nothing where all scores are known", async () => {
    await using upstream = await startUpstream();
    const more = "dheera_ai_settings: { cache: true }";
    await using proxy = await startProxy({ yaml: yamlOf(upstream, "", more) });
    await (await proxy.post("/rerank", request)).text();
    expect(await (await proxy.post("/rerank", request)).json()).toMatchObject({
      meta: { cached_documents: 3, stages: [{ documents: 3 }, { documents: 2, cost: 0 }] },
      usage: { cost: 0, saved_cost: 0.002 },
    });
    expect(upstream.requests).toHaveLength(1);
  });

  it("holds to the limits of the models that it asks", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: yamlOf(upstream, ", rpm: 1") });
    await (await proxy.post("/rerank", request)).text();
    expect(await (await proxy.post("/rerank", { ...request, query: "bread" })).json()).toMatchObject({
      meta: { stages: [{ model: "near" }, { model: "far", failed: "rate_limited" }] },
    });
    expect(upstream.requests).toHaveLength(1);
  });

  it("has none of the defaults that are for servers", async () => {
    await using upstream = await startUpstream();
    const more = "router_settings: { default_dheera_ai_params: { timeout: 30, on_error: passthrough } }";
    await using proxy = await startProxy({ yaml: yamlOf(upstream, "", more) });
    expect((await proxy.post("/rerank", request)).status).toBe(200);
  });
});

describe("a split", () => {
  it("sends a session to the same model every time, and names it", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: `${yamlOf(upstream)}\n${keys}`, environment });
    const ask = (headers: Record<string, string>): Promise<string> =>
      servedBy(proxy.post("/rerank", { ...request, model: "halves" }, { ...master, ...headers }));
    const seen = new Set<string>();
    for (let session = 0; session < 12; session++) {
      const name = await ask({ "x-dheera-ai-session-id": `session ${session}` });
      expect(await ask({ "x-litellm-session-id": `session ${session}` })).toBe(name);
      seen.add(name);
    }
    expect([...seen].toSorted()).toEqual(["far", "near"]);
  });

  it("sends a key to the same model every time", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: `${yamlOf(upstream)}\n${keys}`, environment });
    const names = await Promise.all(
      Array.from({ length: 8 }, () => servedBy(proxy.post("/rerank", { ...request, model: "halves" }, shop))),
    );
    expect(new Set(names).size).toBe(1);
  });
});
