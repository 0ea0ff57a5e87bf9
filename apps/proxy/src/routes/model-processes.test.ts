import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { childrenOf } from "../../../../packages/local/src/process/testing/children-of.ts";
import { eventually } from "../../../../test/support/eventually.ts";
import { type Proxy, startProxy } from "../fixtures/start-proxy.ts";
import { type Samples, readSamples } from "../telemetry/fixtures/samples.ts";

const model = fileURLToPath(new URL("../../../../packages/local/src/fixtures/models/cross-encoder", import.meta.url));
const yaml = `model_list: [{ model_name: here, model_info: { id: one }, dheera_ai_params: { model: "local/${model}" } }]`;
const of = { model_id: "one", model_group: "here", api_provider: "local" };

it("shows the processes that models run in: none before the first request, one that serves, one that was lost", async () => {
  await using proxy = await startProxy({ yaml });
  const before = new Set(childrenOf(process.pid));
  expect(await readiness(proxy)).toMatchObject({ status: "healthy", model_processes: "asleep" });
  expect((await metricsOf(proxy)).value("dheera_ai_deployment_processes", { ...of, state: "serving" })).toBe(0);

  expect(await rank(proxy)).toBe(200);
  expect(await readiness(proxy)).toMatchObject({ model_processes: "running" });
  const served = await metricsOf(proxy);
  expect(served.value("dheera_ai_deployment_processes", { ...of, state: "serving" })).toBe(1);
  expect(served.value("dheera_ai_deployment_processes", { ...of, state: "starting" })).toBe(0);
  expect(served.value("dheera_ai_deployment_process_memory_bytes", of)).toBeGreaterThan(1_000_000);

  const child = childrenOf(process.pid).find((pid) => !before.has(pid)) ?? 0;
  process.kill(child, "SIGKILL");
  const lost = { ...of, how: "SIGKILL" };
  await eventually(async () => (await metricsOf(proxy)).value("dheera_ai_deployment_processes_ended_total", lost)).toBe(
    1,
  );
  expect(await readiness(proxy)).toMatchObject({ model_processes: "asleep" });
  expect(await rank(proxy)).toBe(200);
  expect(await readiness(proxy)).toMatchObject({ model_processes: "running" });
});

it("says that a model fails whose process cannot start, while requests go on coming", async () => {
  await using proxy = await startProxy({
    yaml: yaml.replace(`"local/${model}"`, `"local/${model}", memory_limit_mb: 20`),
  });
  expect(await rank(proxy)).toBeGreaterThanOrEqual(400);
  expect(await readiness(proxy)).toMatchObject({ status: "healthy", model_processes: "failing" });
});

async function readiness(proxy: Proxy): Promise<unknown> {
  const answer = await proxy.get("/health/readiness");
  expect(answer.status).toBe(200);
  return answer.json();
}

async function metricsOf(proxy: Proxy): Promise<Samples> {
  return readSamples(await (await proxy.get("/metrics")).text());
}

async function rank(proxy: Proxy): Promise<number> {
  const body = { model: "here", query: "moon", documents: ["the sun", "the moon"] };
  const answer = await proxy.post("/v1/rerank", body);
  await answer.text();
  return answer.status;
}
