import * as v from "valibot";
import { expect, it, onTestFinished } from "vitest";

import { bearer, createKey, master, price, spendLogs, spentBy, stageTeams } from "../../fixtures/stage-teams.ts";
import { type Upstream, startUpstream } from "../../fixtures/start-upstream.ts";
import { foreignFormats } from "../../formats/foreign/all-foreign.ts";
import { openapiDocument } from "../../openapi/openapi-document.ts";
import { rerankAliases, rerankPaths } from "../../routes/rerank.ts";

const nano = 1e9;
const request = { query: "milk", documents: ["0.1 bread", "0.2 milk milk", "0.9 milk"] };

it("books what a model that asks others cost, once, as one request of the name that was asked", async () => {
  const upstream = await openUpstream();
  const { teams, proxy } = await stageTeams("", { more: combined(upstream.url) });
  const limits = { rpm_limit: 3, dpm_limit: 9, max_budget: 1 };
  const { key, row } = await createKey(teams, limits);
  for (const model of ["both", "fused", "halves"]) {
    const answer = await proxy.post("/v1/rerank", { model, ...request }, bearer(key));
    expect(answer.status, model).toBe(200);
  }
  // Members count against nobody's limits by themselves: three requests of three documents are what there was.
  expect((await proxy.post("/v1/rerank", { model: "both", ...request }, bearer(key))).status).toBe(429);

  await expect.poll(async () => (await spendLogs(teams)).length).toBe(3);
  const logs = await spendLogs(teams);
  expect(logs.map(({ model, documents }) => [model, documents])).toEqual([
    ["both", 3],
    ["fused", 3],
    ["halves", 3],
  ]);
  expect(logs[0]?.cost).toBe(0.03 * nano);
  expect(logs[1]?.cost).toBe(0.05 * nano);
  expect([0.02 * nano, 0.03 * nano]).toContain(logs[2]?.cost);
  const sum = logs.reduce((whole, { cost }) => whole + (cost ?? 0), 0);
  expect((await spentBy(teams, "key", row.key_hash)) * nano).toBeCloseTo(sum);
  const report: unknown = await (await proxy.get("/global/spend", master)).json();
  expect(report).toMatchObject({ spend: expect.closeTo(sum / nano, 9), api_requests: logs.length });
});

it("books a second model that only compares to nobody: no row, no budget, no limit", async () => {
  const upstream = await openUpstream();
  const { teams, proxy } = await stageTeams("", { more: shadowed(upstream.url) });
  const { key, row } = await createKey(teams, { models: '["watched"]', max_budget: 0.01, rpm_limit: 2 });
  for (let number = 0; number < 2; number++)
    expect((await proxy.post("/v1/rerank", { model: "watched", ...request }, bearer(key))).status).toBe(200);
  const compared = v.object({ data: v.tuple([v.object({ compared: v.number(), cost: v.unknown() })]) });
  await expect
    .poll(async () => v.parse(compared, await (await proxy.get("/shadow/info", master)).json()).data[0])
    .toEqual({ compared: 2, cost: { served: 2 * 0.001, shadow: 2 * 5 } });

  await expect.poll(async () => (await spendLogs(teams)).length).toBe(2);
  expect((await spendLogs(teams)).map(({ model, cost }) => [model, cost])).toEqual([
    ["watched", 0.001 * nano],
    ["watched", 0.001 * nano],
  ]);
  expect(await spentBy(teams, "key", row.key_hash)).toBeCloseTo(0.002);
  expect(await (await proxy.get("/global/spend", master)).json()).toMatchObject({ spend: 0.002, api_requests: 2 });
  // What it cost the operator is in the metrics, under a key of its own.
  const metrics = await (await proxy.get("/metrics", master)).text();
  expect(metrics).toMatch(/spend_metric_total\{[^}]*api_key_alias="shadow"[^}]*\} 10\n/);
});

it("books an answer that nothing ranked once, for nothing, and one that a fallback served as what that cost", async () => {
  const upstream = await openUpstream();
  const broken = await startUpstream(({ outgoing }) => void outgoing.writeHead(500).end());
  onTestFinished(() => broken[Symbol.asyncDispose]());
  const { teams, proxy } = await stageTeams("", { more: failing(broken.url, upstream.url) });
  const { key, row } = await createKey(teams, { max_budget: 1 });
  for (const model of ["unranked", "helped"])
    expect((await proxy.post("/v1/rerank", { model, ...request }, bearer(key))).status, model).toBe(200);
  await expect.poll(async () => (await spendLogs(teams)).length).toBe(2);
  expect((await spendLogs(teams)).map(({ model, status, cost }) => [model, status, cost])).toEqual([
    ["unranked", 200, 0],
    ["helped", 200, 0.02 * nano],
  ]);
  expect(await spentBy(teams, "key", row.key_hash)).toBeCloseTo(0.02);
});

it("books one answer for each request, at whatever address and in whatever format it came", async () => {
  const { teams, proxy } = await stageTeams();
  const { key, row } = await createKey(teams, { max_budget: 1 });
  const addresses = [
    ...rerankPaths.map((path) => [path, path] as const),
    ...Object.entries(rerankAliases),
    ...foreignFormats.flatMap(({ path, aliases }) => [path, ...aliases].map((one) => [one, path] as const)),
  ];
  for (const [address, described] of addresses) {
    const answer = await proxy.post(address.replaceAll(/:\w+/g, "bge"), exampleAt(described), bearer(key));
    expect(answer.status, `${address}: ${await answer.clone().text()}`).toBe(200);
  }
  await expect.poll(async () => (await spendLogs(teams)).length).toBe(addresses.length);
  const logs = await spendLogs(teams);
  expect(new Set(logs.map(({ request_id }) => request_id)).size).toBe(addresses.length);
  expect(logs.every(({ model, cost }) => model === "bge" && (cost === price * nano || cost === 0))).toBe(true);
  const spent = logs.reduce((whole, { cost }) => whole + (cost ?? 0), 0) / nano;
  expect(await spentBy(teams, "key", row.key_hash)).toBeCloseTo(spent);
});

async function openUpstream(): Promise<Upstream> {
  const upstream = await startUpstream();
  onTestFinished(() => upstream[Symbol.asyncDispose]());
  return upstream;
}

function member(name: string, url: string, cost: number, more = ""): string {
  return `
  - model_name: ${name}
    dheera_ai_params: { model: huggingface/a/${name}, api_base: "${url}"${more} }
    model_info: { input_cost_per_query: ${cost} }`;
}

function combined(url: string): string {
  return `${member("near", url, 0.02)}${member("far", url, 0.03)}
  - { model_name: words, dheera_ai_params: { model: bm25/default } }
  - { model_name: both, dheera_ai_params: { model: cascade/both, stages: [{ model: words, keep: 2 }, { model: far }] } }
  - { model_name: fused, dheera_ai_params: { model: fusion/fused, models: [near, far] } }
  - { model_name: halves, dheera_ai_params: { model: split/halves, split: { near: 0.5, far: 0.5 } } }`;
}

function shadowed(url: string): string {
  return `${member("watched", url, 0.001, ", shadow: { model: dear, sample: 1 }")}${member("dear", url, 5)}`;
}

function failing(broken: string, url: string): string {
  return `${member("unranked", broken, 0.01, ", on_error: passthrough")}${member("helper", url, 0.02)}${member("helped", broken, 0.01)}
router_settings: { num_retries: 0, fallbacks: [{ helped: [helper] }] }`;
}

const described = v.object({
  requestBody: v.object({
    content: v.object({
      "application/json": v.object({
        examples: v.record(v.string(), v.object({ value: v.record(v.string(), v.unknown()) })),
      }),
    }),
  }),
});

/** The first request that the description of an address shows, of the model that is there. */
function exampleAt(path: string): object {
  const { post } = openapiDocument().paths[path.replaceAll(/:(\w+)/g, "{$1}")] ?? {};
  const { examples } = v.parse(described, post).requestBody.content["application/json"];
  const [first] = Object.values(examples);
  return { ...first?.value, model: "bge" };
}
