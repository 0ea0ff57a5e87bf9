import { afterAll, beforeAll, expect, it } from "vitest";

import { startProxy as startProcess } from "../../apps/cli/src/testing/processes.ts";
import { openStore } from "../../packages/batch/src/open-store.ts";
import { startProxy } from "../support/proxy-process.ts";
import { needs } from "../support/programs.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { type S3Server, startS3Server } from "./s3-server.ts";

const key = "sk-master-of-the-batches";
const bearer = { authorization: `Bearer ${key}` };

let server: S3Server | undefined;
beforeAll(async () => {
  server = await startS3Server();
}, 600_000);
afterAll(() => server?.[Symbol.asyncDispose]());

it(
  "a batch is uploaded into a bucket at one proxy, run by a worker, fetched at another proxy, and deleted with all it has stored",
  { ...needs("python3", "redis-server"), timeout: 180_000 },
  async () => {
    await using redis = await startRedisServer();
    await using config = await createFolder({
      "config.yaml": `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${key} }
router_settings: { redis_url: "${redis.url}" }
batch_settings:
  storage: s3://batches/through-the-proxy
  s3_endpoint_url: ${server?.settings.endpointUrl}
  s3_access_key_id: os.environ/S3_KEY
  s3_secret_access_key: os.environ/S3_SECRET
  run_in_proxy: false
`,
    });
    const path = `${config.path}/config.yaml`;
    const secrets = {
      S3_KEY: server?.settings.accessKeyId ?? "",
      S3_SECRET: server?.settings.secretAccessKey ?? "",
    };
    await using one = await startProxy(path, secrets);
    await using other = await startProxy(path, secrets);
    const ids = Array.from({ length: 2_500 }, (_, number) => `line ${number}`);
    const text = ids.map(lineOf).join("");
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("file", new Blob([text]), "lines.jsonl");
    const file = await ask(one.url, "POST", "files", form);
    expect(file).toMatchObject({ bytes: text.length });
    expect(await contentOf(other.url, file["id"])).toBe(text);

    const asked = { input_file_id: file["id"], endpoint: "/v1/rerank", completion_window: "24h" };
    const { id } = await ask(other.url, "POST", "batches", JSON.stringify(asked));
    await using worker = await startProcess(["worker", "--config", path], { environment: secrets });
    let batch: Json = {};
    await expect
      .poll(async () => (batch = await ask(one.url, "GET", `batches/${String(id)}`)), { timeout: 120_000 })
      .toMatchObject({ status: "completed", request_counts: { total: 2_500, completed: 2_500, failed: 0 } });
    expect(await worker.stop("SIGTERM")).toMatchObject({ code: 0 });
    const output = await contentOf(other.url, batch["output_file_id"]);
    const lines = output.trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line).custom_id)).toEqual(ids);

    expect(await namesIn()).not.toEqual([]);
    for (const made of [file["id"], batch["output_file_id"]])
      expect(await ask(one.url, "DELETE", `files/${String(made)}`)).toMatchObject({ deleted: true });
    expect(await namesIn()).toEqual([]);
    expect(await ask(other.url, "GET", "files")).toMatchObject({ data: [] });
  },
);

type Json = Record<string, unknown>;

function lineOf(custom_id: string): string {
  const body = { model: "bm25", query: custom_id, documents: [custom_id, "another document"] };
  return `${JSON.stringify({ custom_id, method: "POST", url: "/v1/rerank", body })}\n`;
}

async function ask(url: string, method: string, path: string, body?: FormData | string): Promise<Json> {
  const response = await fetch(`${url}/v1/${path}`, { method, headers: bearer, ...(body !== undefined && { body }) });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text);
}

async function contentOf(url: string, file: unknown): Promise<string> {
  return await (await fetch(`${url}/v1/files/${String(file)}/content`, { headers: bearer })).text();
}

/** Of parts in the bucket. */
async function namesIn(): Promise<readonly string[]> {
  const store = await openStore("s3://batches/through-the-proxy", server?.settings);
  const names: string[] = [];
  for await (const { name } of store.list("parts/")) names.push(name);
  await store.close();
  return names;
}
