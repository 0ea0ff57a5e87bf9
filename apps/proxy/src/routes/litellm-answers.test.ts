import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { routeList as routeListSchema } from "../openapi/response-schemas.ts";
import { oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { startUpstream } from "../fixtures/start-upstream.ts";

const request = { model: "bge", query: "q", documents: ["0.1", "0.9"] };
const wanted = "general_settings: { litellm_response_headers: true }";

describe("answers for programs that were written for LiteLLM", () => {
  it("carry its headers where the configuration wants them, with true values only", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, wanted) });
    const { headers } = await proxy.post("/rerank", request, { "x-litellm-call-id": "call-1" });
    const names = [...headers.keys()].filter((name) => name.startsWith("x-litellm-"));
    expect(names.toSorted()).toEqual(
      [
        "attempted-fallbacks",
        "attempted-retries",
        "call-id",
        "model-group",
        "model-id",
        "overhead-duration-ms",
        "response-duration-ms",
        "version",
      ].map((name) => `x-litellm-${name}`),
    );
    expect(headers.get("x-litellm-call-id")).toBe("call-1");
    expect(headers.get("x-litellm-model-group")).toBe("bge");
    for (const name of ["model-id", "attempted-retries", "response-duration-ms"])
      expect(headers.get(`x-litellm-${name}`)).toBe(headers.get(`x-dheera-${name}`));
  });

  it("name the cost that the upstream billed, and errors carry the headers too", async () => {
    await using upstream = await startUpstream(({ outgoing }) => {
      const results = [0, 1].map((index) => ({ index, relevance_score: index }));
      outgoing.end(JSON.stringify({ results, usage: { total_tokens: 3, cost: 0.004 } }));
    });
    const yaml = oneModel(upstream.url, wanted).replace("huggingface/", "cohere/");
    await using proxy = await startProxy({ yaml });
    expect((await proxy.post("/rerank", request)).headers.get("x-litellm-response-cost")).toBe("0.004");
    const refused = await proxy.post("/rerank", { ...request, model: "absent" });
    expect([refused.status, refused.headers.get("x-litellm-call-id")]).toEqual([
      404,
      refused.headers.get("x-dheera-call-id"),
    ]);
  });

  it.each([
    ["has LiteLLM's names", "litellm", "", true],
    ["has ours", "dheera_ai", "", false],
    ["has LiteLLM's names and does not want them", "litellm", "litellm_response_headers: false", false],
    ["has ours and wants them", "dheera_ai", "litellm_response_headers: true", true],
  ])("carry them where the configuration %s: %s_params, %s", async (_, dialect, setting, isThere) => {
    await using upstream = await startUpstream();
    const yaml = oneModel(upstream.url, `general_settings: { ${setting} }`).replace("dheera_ai", dialect);
    await using proxy = await startProxy({ yaml });
    const { headers } = await proxy.post("/rerank", request);
    expect(headers.has("x-litellm-model-id")).toBe(isThere);
    expect([...headers.keys()].some((name) => name.startsWith("x-litellm-"))).toBe(isThere);
  });

  it("say at /test and /routes without a key that a proxy is there and which paths it has", async () => {
    await using proxy = await startProxy({
      yaml: oneModel("http://127.0.0.1:9", "general_settings: { master_key: sk-1234 }"),
    });
    expect(await (await proxy.get("/test")).json()).toEqual({ route: "/test" });
    const { routes } = v.parse(routeListSchema, await (await proxy.get("/routes")).json());
    for (const [path, method] of [
      ["/rerank", "POST"],
      ["/v1/models", "GET"],
      ["/routes", "GET"],
      ["/health/liveliness", "GET"],
    ] as const)
      expect(routes).toContainEqual({
        path,
        methods: [method],
        name: expect.any(String),
        endpoint: expect.any(String),
      });
    // Each of them is there.
    for (const { path, methods } of routes)
      for (const method of methods) expect((await fetch(proxy.url + path, { method })).status, path).not.toBe(404);
    expect((await proxy.post("/test", {})).status).toBe(405);
  });

  it("show one deployment by its id", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url) });
    const id = (await proxy.post("/rerank", request)).headers.get("x-dheera-model-id");
    const found = async (asked: string): Promise<unknown> =>
      (await proxy.get(`/model/info?litellm_model_id=${asked}`)).json();
    expect(await found(String(id))).toMatchObject({ data: [{ model_info: { id } }] });
    expect(await found("other")).toEqual({ data: [] });
  });
});
