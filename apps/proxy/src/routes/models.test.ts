import { describe, expect, it } from "vitest";

import { oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { startUpstream } from "../fixtures/start-upstream.ts";

const settings = `
router_settings: { model_group_alias: { alias: bge } }
general_settings:
  master_key: sk-master
  keys: [{ name: other, key: os.environ/OTHER, models: [bm25] }]
`;
const environment = { OTHER: "sk-other" };
const master = { authorization: "Bearer sk-master" };
const other = { authorization: "Bearer sk-other" };

function twoModels(url: string): string {
  const params = "api_key: sk-upstream, rpm: 60, extra_headers: { x-key: secret-header }";
  return oneModel(url, settings, params).replace(
    "model_list:",
    "model_list:\n  - { model_name: bm25, dheera_ai_params: { model: bm25/default }, model_info: { id: lexical, base_model: none } }",
  );
}

describe("GET /v1/models and /models", () => {
  it.each(["/v1/models", "/models"])("%s lists the names that the caller may use, aliases included", async (path) => {
    await using proxy = await startProxy({ yaml: twoModels("http://127.0.0.1:9"), environment });
    expect(await (await proxy.get(path, master)).json()).toEqual({
      object: "list",
      data: ["bm25", "bge", "alias"].map((id) => ({
        id,
        object: "model",
        created: Math.floor(performance.timeOrigin / 1000),
        owned_by: "dheera-ai",
        model_type: "rerank",
      })),
    });
    expect(await (await proxy.get(path, other)).json()).toMatchObject({ data: [{ id: "bm25" }] });
    expect((await proxy.get(path)).status).toBe(401);
  });
});

describe("what other clients ask before they rank", () => {
  it("is answered at NVIDIA's path too", async () => {
    await using proxy = await startProxy({ yaml: twoModels("http://127.0.0.1:9"), environment });
    expect(await (await proxy.get("/nvidia/v1/models", other)).json()).toMatchObject({ data: [{ id: "bm25" }] });
    expect((await proxy.get("/nvidia/v1/models")).status).toBe(401);
  });

  it("is for Xinference whether keys are needed", async () => {
    await using guarded = await startProxy({ yaml: twoModels("http://127.0.0.1:9"), environment });
    expect(await (await guarded.get("/v1/cluster/auth")).json()).toEqual({ auth: true });
    await using keyless = await startProxy({ yaml: oneModel("http://127.0.0.1:9") });
    expect(await (await keyless.get("/v1/cluster/auth")).json()).toEqual({ auth: false });
  });
});

describe("GET /v1/models/{model} and /models/{model}", () => {
  it.each(["/v1/models/", "/models/"])("%s shows one name that the caller may use, also with slashes", async (path) => {
    const yaml = twoModels("http://127.0.0.1:9").replace("model_name: bm25", "model_name: org/bm25");
    await using proxy = await startProxy({ yaml, environment });
    for (const name of ["org/bm25", "org%2Fbm25"])
      expect(await (await proxy.get(path + name, master)).json()).toEqual({
        id: "org/bm25",
        object: "model",
        created: Math.floor(performance.timeOrigin / 1000),
        owned_by: "dheera-ai",
        model_type: "rerank",
      });
    expect(await (await proxy.get(`${path}alias`, master)).json()).toMatchObject({ id: "alias" });
    expect((await proxy.get(`${path}alias`)).status).toBe(401);
  });

  it("says the same of a name that is not there and of one that the key may not use", async () => {
    await using proxy = await startProxy({ yaml: twoModels("http://127.0.0.1:9"), environment });
    for (const name of ["bge", "nobody", "v1/models/nobody"]) {
      const response = await proxy.get(`/v1/models/${name}`, other);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        message: `model: "${name}" is not known; GET /v1/models lists those that you may use`,
        error: { code: "model_not_found", param: "model" },
      });
    }
  });
});

describe("GET /info", () => {
  it("tells clients of Text Embeddings Inference that a reranker is here, and what fits", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, settings), environment });
    const answer = async (key: Record<string, string>): Promise<unknown> => (await proxy.get("/info", key)).json();
    const info = {
      model_id: "bge",
      served_model_name: "bge",
      model_type: { reranker: { id2label: { 0: "LABEL_0" }, label2id: { LABEL_0: 0 } } },
      max_client_batch_size: 10_000,
      auto_truncate: true,
      version: expect.any(String),
      dheera_ai_version: expect.any(String),
    };
    // A deployment that was never asked has not said how long a text may be.
    expect(await answer(master)).toEqual(info);
    await proxy.post("/rerank", { query: "q", texts: ["0.5"] }, master);
    expect(await answer(master)).toEqual({ ...info, max_input_length: 512 });
    expect((await proxy.get("/info")).status).toBe(401);
    expect(await answer(other)).toMatchObject({ error: { code: "model_not_found" } });
  });

  it("does not make a proxy before this one take it for a Text Embeddings Inference, which has no model names", async () => {
    await using upstream = await startUpstream();
    const yaml = twoModels(upstream.url).replace(settings, "");
    await using inner = await startProxy({
      yaml: yaml.replace("model_name: bge", "model_name: BAAI/bge-reranker-base"),
    });
    await using outer = await startProxy({ yaml: oneModel(inner.url) });
    const response = await outer.post("/rerank", { model: "bge", query: "q", documents: ["0.1 a", "0.9 b"] });
    expect(await response.json()).toMatchObject({ results: [{ index: 1, relevance_score: 0.9 }, { index: 0 }] });
    expect(upstream.requests.at(-1)).toMatchObject({ texts: ["0.1 a", "0.9 b"] });
  });
});

describe("GET /model/info and /v1/model/info", () => {
  it.each(["/model/info", "/v1/model/info"])(
    "%s shows settings and state of each deployment, and no secret",
    async (path) => {
      await using upstream = await startUpstream();
      await using proxy = await startProxy({ yaml: twoModels(upstream.url), environment });
      const text = await (await proxy.get(path, master)).text();
      expect(JSON.parse(text)).toEqual({
        data: [
          {
            model_name: "bm25",
            dheera_ai_params: { model: "bm25/default" },
            litellm_params: { model: "bm25/default" },
            model_info: expect.objectContaining({
              id: "lexical",
              base_model: "none",
              mode: "rerank",
              runs_here: true,
              state: "unknown",
              calls: 0,
              failures: 0,
            }),
          },
          {
            model_name: "bge",
            dheera_ai_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: upstream.url, rpm: 60 },
            litellm_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: upstream.url, rpm: 60 },
            model_info: expect.objectContaining({ id: expect.stringMatching(/^bge-/), db_model: false }),
          },
        ],
      });
      // Of a model elsewhere nothing is said.
      expect(text.match(/"runs_here":true/g)).toHaveLength(1);
      expect(text).not.toMatch(/secret|sk-upstream/);
    },
  );

  it("shows a deployment's profile, once the deployment has reported it", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    await proxy.post("/rerank", { model: "bge", query: "q", documents: ["0.5"] });
    expect(await (await proxy.get("/model/info?model=bge")).json()).toMatchObject({
      data: [
        {
          model_info: {
            state: "healthy",
            calls: 1,
            score_kind: "probability",
            scoring: "pointwise",
            server: "text-embeddings-inference 1.9.3",
            limits: { documentsPerCall: 32 },
            latency_ms: { p50: expect.any(Number) },
          },
        },
      ],
    });
  });

  it("shows which variable is missing for a deployment that cannot serve", async () => {
    await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:9", "", "api_key: os.environ/UNSET_KEY") });
    expect(await (await proxy.get("/model/info")).json()).toMatchObject({
      data: [
        {
          dheera_ai_params: { model: "huggingface/BAAI/bge-reranker-base" },
          model_info: {
            state: "unavailable",
            unavailable: "api_key needs the environment variable UNSET_KEY, which is not set",
          },
        },
      ],
    });
  });

  it("shows a caller only what it may use", async () => {
    await using proxy = await startProxy({ yaml: twoModels("http://127.0.0.1:9"), environment });
    expect(await (await proxy.get("/model/info", other)).json()).toMatchObject({ data: [{ model_name: "bm25" }] });
    expect((await proxy.get("/model/info?model=bge", other)).status).toBe(403);
  });
});

describe("GET /model_group/info", () => {
  it("shows for each model name what its deployments have in common", async () => {
    await using proxy = await startProxy({ yaml: twoModels("http://127.0.0.1:9"), environment });
    expect(await (await proxy.get("/model_group/info", master)).json()).toEqual({
      data: [
        {
          model_group: "bm25",
          mode: "rerank",
          providers: ["bm25"],
          deployments: 1,
          healthy_deployments: 0,
          score_kinds: [],
          rpm: null,
        },
        {
          model_group: "bge",
          mode: "rerank",
          providers: ["huggingface"],
          deployments: 1,
          healthy_deployments: 0,
          score_kinds: [],
          rpm: 60,
        },
      ],
    });
  });
});
