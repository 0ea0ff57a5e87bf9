import { expect, it } from "vitest";

import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { type Proxy, startProxy } from "../../fixtures/start-proxy.ts";

const key = "sk-master-key-of-the-tests";
const authorization = `Bearer ${key}`;

it("takes a file up, runs its lines and gives the answers", async () => {
  await using folder = await temporaryFolder({});
  await using proxy = await startBatches(folder.path);
  const lines = ["red", "green", "blue"].map((query) => lineOf(query, [`${query} apples`, "something else"]));
  const file = await upload(proxy, lines.join("\n"));
  expect(file).toMatchObject({ object: "file", purpose: "batch", filename: "lines.jsonl", status: "processed" });
  const batch = await create(proxy, file["id"]);
  const ended = await untilEnded(proxy, batch["id"]);
  expect(ended).toMatchObject({ status: "completed", request_counts: { total: 3, completed: 3, failed: 0 } });
  const output = await content(proxy, ended["output_file_id"]);
  expect(output.map(({ custom_id }) => custom_id)).toEqual(["red", "green", "blue"]);
  expect(output[0]).toMatchObject({
    error: null,
    response: { status_code: 200, body: { results: [{ index: 0 }, {}] } },
  });
});

function startBatches(folder: string, more = ""): Promise<Proxy> {
  return startProxy({
    yaml: `
model_list:
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
general_settings: { master_key: ${key} }
batch_settings: { storage: ${JSON.stringify(folder)} }
${more}
`,
  });
}

function lineOf(query: string, documents: readonly string[]): string {
  return JSON.stringify({
    custom_id: query,
    method: "POST",
    url: "/v1/rerank",
    body: { model: "bm25", query, documents },
  });
}

async function upload(proxy: Proxy, text: string): Promise<Record<string, unknown>> {
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new Blob([text]), "lines.jsonl");
  const response = await fetch(`${proxy.url}/v1/files`, { method: "POST", body: form, headers: { authorization } });
  return JSON.parse(await response.text());
}

async function create(proxy: Proxy, file: unknown): Promise<Record<string, unknown>> {
  const body = { input_file_id: file, endpoint: "/v1/rerank", completion_window: "24h" };
  const response = await proxy.post("/v1/batches", body, { authorization });
  return JSON.parse(await response.text());
}

async function untilEnded(proxy: Proxy, id: unknown): Promise<Record<string, unknown>> {
  let batch: Record<string, unknown> = {};
  await expect
    .poll(
      async () => {
        batch = JSON.parse(await (await proxy.get(`/v1/batches/${String(id)}`, { authorization })).text());
        return batch["status"];
      },
      { timeout: 60_000 },
    )
    .toMatch(/completed|failed|expired|cancelled/);
  return batch;
}

async function content(proxy: Proxy, id: unknown): Promise<readonly Record<string, unknown>[]> {
  const text = await (await proxy.get(`/v1/files/${String(id)}/content`, { authorization })).text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
