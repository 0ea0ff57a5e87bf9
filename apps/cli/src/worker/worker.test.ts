import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { expect, it } from "vitest";

import { startProxy } from "../testing/processes.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";

const key = "sk-master-key-of-the-tests";
const headers = { authorization: `Bearer ${key}` };

it("runs the batches of a proxy that runs none itself, and ends with 0 on SIGTERM", async () => {
  await using config = await temporaryFile("config.yaml", "");
  const folder = join(dirname(config.path), "batches");
  await writeFile(
    config.path,
    `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${key} }
batch_settings: { storage: ${JSON.stringify(folder)}, run_in_proxy: false }
`,
  );
  await using proxy = await startProxy(["--config", config.path, "--host", "127.0.0.1", "--port", "0"]);
  const readiness = await (await fetch(`${proxy.url}/health/readiness`)).json();
  expect(readiness).toMatchObject({ status: "healthy", batches: "elsewhere" });
  const batch = await createBatch(proxy.url);

  const listening = ["--host", "127.0.0.1", "--prometheus_metrics_port", "0"];
  await using worker = await startProxy(["worker", "--config", config.path, ...listening]);
  const [, storage, port] =
    /^RUNNING batches of (.*), 32 lines at one time, for bm25, metrics on port (\d+)$/.exec(worker.announcement) ?? [];
  expect(storage).toBe(folder);
  await expect
    .poll(async () => fetchJson(`${proxy.url}/v1/batches/${batch}`), { timeout: 60_000 })
    .toMatchObject({ status: "completed", request_counts: { total: 2, completed: 2, failed: 0 } });

  const probe = await (await fetch(`http://127.0.0.1:${port}/health/readiness`)).json();
  expect(probe).toEqual({ status: "healthy", batches: "running" });
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain('dheera_ai_batch_lines_total{outcome="completed"} 2\n');
  expect(metrics).toContain('dheera_ai_batch_shards{state="waiting"} 0\n');
  expect(await worker.stop("SIGTERM")).toMatchObject({ code: 0 });
});

it("says what to set where the configuration names no place for batches", async () => {
  await using config = await temporaryFile(
    "config.yaml",
    "model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]",
  );
  const { code, stderr } = await runInProcess(["worker", "--config", config.path]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("batch_settings.storage") });
});

async function createBatch(url: string): Promise<string> {
  const lines = ["red", "blue"].map((query) =>
    JSON.stringify({
      custom_id: query,
      method: "POST",
      url: "/v1/rerank",
      body: { model: "bm25", query, documents: ["a red house", "a blue one"] },
    }),
  );
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new Blob([lines.join("\n")]), "lines.jsonl");
  const file = await fetchJson(`${url}/v1/files`, { method: "POST", body: form });
  const body = JSON.stringify({ input_file_id: file["id"], endpoint: "/v1/rerank", completion_window: "24h" });
  return String((await fetchJson(`${url}/v1/batches`, { method: "POST", body }))["id"]);
}

async function fetchJson(url: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  return JSON.parse(await (await fetch(url, { ...init, headers })).text());
}
