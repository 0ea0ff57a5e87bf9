import { join } from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { hashKey } from "../access/hash-key.ts";
import { MemoryRateCounter } from "../access/limits/memory-rate-counter.ts";
import { parseConfig } from "../config/parse-config.ts";
import { memoryLog } from "../fixtures/memory-log.ts";
import { type Proxy, startProxy } from "../fixtures/start-proxy.ts";
import { type Answer, sendJson, startUpstream } from "../fixtures/start-upstream.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { readSamples } from "../telemetry/fixtures/samples.ts";
import { createGateway } from "./gateway.ts";

const master = { authorization: "Bearer sk-master" };
const request = { model: "served", query: "q", documents: ["0.1 a", "0.9 b", "0.5 c"], top_n: 2 };

/** The reverse order. */
const turned: Answer = ({ body, outgoing }) => {
  const texts: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "texts") : [];
  const list = Array.isArray(texts) ? texts : [];
  sendJson(
    outgoing,
    list.map((text, index) => ({ index, score: 1 - Number.parseFloat(String(text)) })),
  );
};

function yaml(served: string, second: string, shadow = "sample: 1", more = ""): string {
  return `
model_list:
  - model_name: served
    dheera_ai_params: { model: huggingface/a/served, api_base: "${served}", shadow: { model: second, ${shadow} } }
  - { model_name: second, dheera_ai_params: { model: huggingface/a/second, api_base: "${second}" } }
general_settings:
  master_key: sk-master
  keys: [{ name: team, key: "${hashKey("sk-team")}", models: [served], rpm: 2, dpm: 6 }]
${more}`;
}

async function report(proxy: Proxy): Promise<unknown> {
  const answer: unknown = await (await proxy.get("/shadow/info", master)).json();
  return typeof answer === "object" && answer !== null ? Reflect.get(answer, "data") : answer;
}

async function samples(proxy: Proxy) {
  return readSamples(await (await proxy.get("/metrics", master)).text());
}

it("compares two models on requests that were answered, in the report and in the metrics", async () => {
  await using served = await startUpstream();
  await using second = await startUpstream(turned);
  await using proxy = await startProxy({ yaml: yaml(served.url, second.url) });
  const response = await proxy.post("/v1/rerank", request, master);
  expect(await response.json()).toMatchObject({ model: "served", results: [{ index: 1 }, { index: 2 }] });

  await expect
    .poll(() => report(proxy))
    .toEqual([
      {
        model: "served",
        shadow: "second",
        compared: 1,
        failed: {},
        dropped: {},
        overlap: 0.5,
        kendall_tau: -1,
        latency_ms: { served: expect.any(Number), shadow: expect.any(Number) },
        cost: { shadow: 0 },
      },
    ]);
  const page = await samples(proxy);
  const pair = { requested_model: "served", shadow_model: "second" };
  expect(page.value("dheera_ai_shadow_requests_total", { ...pair, outcome: "compared", reason: "none" })).toBe(1);
  expect(page.value("dheera_ai_shadow_overlap_sum", pair)).toBe(0.5);
  expect(page.value("dheera_ai_deployment_documents_total", { model_group: "second" })).toBe(3);
  // One request of a caller, whatever was asked beside it.
  expect(page.value("dheera_ai_proxy_total_requests_metric_total", { requested_model: "second" })).toBeUndefined();
});

it.each(["cascade", "split"])("compares a %s with another model, once for each request", async (kind) => {
  await using served = await startUpstream();
  await using second = await startUpstream(turned);
  const combined = {
    cascade: "model: cascade/whole, stages: [{ model: near, keep: 2 }, { model: served }]",
    split: "model: split/whole, split: { served: 0.999999, near: 0.000001 }",
  }[kind];
  await using proxy = await startProxy({
    yaml: `
model_list:
  - { model_name: near, dheera_ai_params: { model: bm25/default } }
  - { model_name: served, dheera_ai_params: { model: huggingface/a/served, api_base: "${served.url}" } }
  - { model_name: second, dheera_ai_params: { model: huggingface/a/second, api_base: "${second.url}" } }
  - { model_name: whole, dheera_ai_params: { ${combined}, shadow: { model: second, sample: 1 } } }
general_settings: { master_key: sk-master }
`,
  });
  const session = { "x-dheera-ai-session-id": "one" };
  const response = await proxy.post("/rerank", { ...request, model: "whole" }, { ...master, ...session });
  expect(await response.json()).toMatchObject({ results: [{ index: 1 }, {}] });
  await expect
    .poll(() => report(proxy))
    .toMatchObject([{ model: "whole", shadow: "second", compared: 1, failed: {}, dropped: {} }]);
  expect(served.requests).toHaveLength(1);
  expect(second.requests).toHaveLength(1);
  // Nobody shadows what the combined model asks.
  await (await proxy.post("/rerank", { ...request, model: "served" }, master)).text();
  expect(await report(proxy)).toMatchObject([{ compared: 1 }]);
});

it("answers before the second model is asked", async () => {
  const gate = Promise.withResolvers<void>();
  await using served = await startUpstream();
  await using second = await startUpstream(async (asked) => {
    await gate.promise;
    turned(asked);
  });
  await using proxy = await startProxy({ yaml: yaml(served.url, second.url) });
  // The second model answers nothing before this answer is read to its end.
  expect((await (await proxy.post("/rerank", request, master)).text()).length).toBeGreaterThan(10);
  gate.resolve();
  await expect.poll(() => report(proxy)).toMatchObject([{ compared: 1 }]);
});

it("takes nothing of a key's limits, and asks models that the key may not use", async () => {
  await using served = await startUpstream();
  await using second = await startUpstream(turned);
  await using proxy = await startProxy({ yaml: yaml(served.url, second.url) });
  const team = { authorization: "Bearer sk-team" };
  for (let round = 1; round <= 2; round++) {
    expect((await proxy.post("/rerank", request, team)).status).toBe(200);
    await expect.poll(() => report(proxy)).toMatchObject([{ compared: round }]);
  }
  expect((await proxy.post("/rerank", request, team)).status).toBe(429);
});

it("shows what it found to those who may read the metrics alone", async () => {
  await using served = await startUpstream();
  await using proxy = await startProxy({ yaml: yaml(served.url, served.url) });
  expect((await proxy.get("/shadow/info")).status).toBe(401);
  expect((await proxy.get("/shadow/info", { authorization: "Bearer sk-team" })).status).toBe(403);
  expect(await report(proxy)).toEqual([]);
});

it.each<[string, Answer, string]>([
  ["hangs", () => {}, "timeout"],
  ["refuses", ({ outgoing }) => sendJson(outgoing, { error: "no" }, {}, 401), "provider_auth"],
  ["breaks off", ({ outgoing }) => void outgoing.destroy(), "provider_unreachable"],
  ["answers garbage", ({ outgoing }) => sendJson(outgoing, [{ index: 99, score: "x" }]), "provider_bad_response"],
  ["answers no JSON", ({ outgoing }) => void outgoing.end("<html>"), "provider_bad_response"],
])("gives answers byte by byte as without, when the second model %s", async (_, answer, code) => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  await using served = await startUpstream();
  await using second = await startUpstream(answer);
  const settings = "router_settings: { num_retries: 0 }";
  await using alone = await startProxy({ yaml: yaml(served.url, second.url, "sample: 0", settings) });
  await using proxy = await startProxy({ yaml: yaml(served.url, second.url, "sample: 1, timeout: 0.1", settings) });
  const ask = async (of: Proxy): Promise<string> =>
    (await of.post("/rerank", request, { ...master, "x-dheera-call-id": "same" })).text();
  const expected = await ask(alone);
  for (let round = 1; round <= 3; round++) {
    expect(await ask(proxy)).toBe(expected);
    await expect.poll(() => report(proxy)).toMatchObject([{ compared: 0, failed: expect.anything() }]);
    await expect.poll(async () => failures(await report(proxy))).toBe(round);
  }
  expect(JSON.stringify(await report(proxy))).toContain(code);
  expect(unhandled).toEqual([]);
});

function failures(data: unknown): number {
  const [pair]: readonly unknown[] = Array.isArray(data) ? data : [];
  const failed: unknown = typeof pair === "object" && pair !== null ? Reflect.get(pair, "failed") : undefined;
  return Object.values(Object(failed)).reduce((sum: number, count) => sum + Number(count), 0);
}

it("gives up the second model's requests of a configuration that is replaced, and compares with the new one", async () => {
  const asked: string[] = [];
  await using served = await startUpstream();
  await using second = await startUpstream((incoming) => {
    asked.push("second");
    // The first hangs.
    if (asked.length > 1) turned(incoming);
  });
  const config = yaml(served.url, second.url);
  await using folder = await temporaryFolder({ "config.yaml": config });
  const log = memoryLog();
  await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
  await (await proxy.post("/rerank", request, master)).text();
  await expect.poll(() => asked).toHaveLength(1);
  await folder.write("config.yaml", `${config}\ndheera_ai_settings: { num_retries: 1 }\n`);
  process.emit("SIGHUP", "SIGHUP");
  await expect.poll(() => log.lines).toContain("info: the configuration was taken up anew");
  await expect.poll(() => second.aborted).toBe(1);
  await (await proxy.post("/rerank", request, master)).text();
  await expect.poll(() => report(proxy)).toMatchObject([{ compared: 1, failed: {} }]);
});

it("stops at once while the second model hangs", async () => {
  await using served = await startUpstream();
  await using second = await startUpstream(() => {});
  const proxy = await startProxy({ yaml: yaml(served.url, second.url), shutdownTimeout: 60 });
  await (await proxy.post("/rerank", request, master)).text();
  await expect.poll(() => second.requests).toHaveLength(1);
  await proxy.close();
  await expect.poll(() => second.aborted).toBe(1);
});

it.each([
  ["gone", 'shadow.model: "gone" is no model name of model_list; there are served, second'],
  ["served", 'shadow.model: "served" would be compared with itself'],
])("refuses the second model %s, and says where", async (model, message) => {
  const config = yaml("http://localhost:1", "http://localhost:1").replace("model: second,", `model: ${model},`);
  await using folder = await temporaryFolder({ "config.yaml": config });
  const started = startProxy({ configPath: join(folder.path, "config.yaml") });
  await expect(started).rejects.toThrow(message);
  await expect(started).rejects.toThrow("config.yaml:3");
});

it("opens nothing for a second model that is not there", async () => {
  const { config } = parseConfig(
    yaml("http://127.0.0.1:1", "http://127.0.0.1:1").replace("model: second,", "model: gone,"),
    {
      file: "config.yaml",
      environment: {},
    },
  );
  let opened = 0;
  const localRateCounter = (): MemoryRateCounter => {
    opened++;
    return new MemoryRateCounter();
  };
  await expect(createGateway(config, { environment: {}, localRateCounter })).rejects.toThrow('"gone" is no model name');
  expect(opened).toBe(0);
});
