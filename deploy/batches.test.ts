import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";

import { type Running, startProxy } from "../apps/cli/src/testing/processes.ts";
import { needs } from "../test/support/programs.ts";
import { startRedisServer } from "../test/support/redis-server.ts";
import { createFolder } from "../test/support/temporary-folder.ts";
import { findKind, parseManifests } from "./testing/manifests.ts";

// There is no Docker and no cluster here: a proxy and three workers start with the arguments and the configuration that they would get,
// beside a real Redis. Only where that is, and where files are, differs.

/** What the containers get. */
interface Containers {
  readonly config: string;
  readonly proxy: readonly string[];
  readonly worker: readonly string[];
}

const here = import.meta.dirname;
const key = "sk-chosen-by-this-test";
const lines = 60;
const headers = { authorization: `Bearer ${key}` };

describe("a batch on three workers", needs("redis-server", "helm"), () => {
  it.each([
    { name: "the Compose files with workers", read: composeContainers },
    { name: "the Helm chart and a shared volume", read: chartContainers },
  ])("is run with $name", async ({ read }) => {
    const { config, proxy: proxyArguments, worker: workerArguments } = await read();
    await using queue = await startRedisServer("--appendonly", "yes", "--maxmemory-policy", "noeviction");
    await using cache = await startRedisServer();
    await using folder = await createFolder();
    await using file = await createFolder({
      "config.yaml": config.replaceAll(/\/var\/lib\/dheera-ai[\w-]*/g, folder.path),
    });
    const launch = {
      environment: {
        DHEERA_AI_MASTER_KEY: key,
        HF_TOKEN: "hf_unused",
        QUEUE_URL: queue.url,
        // The chart leaves it to its user to give the cache another one.
        REDIS_URL: config.includes("QUEUE_URL") ? cache.url : queue.url,
      },
    };
    const placed = (args: readonly string[]): string[] =>
      args.map((one) => (one.endsWith("config.yaml") ? join(file.path, "config.yaml") : one === "9464" ? "0" : one));
    await using proxy = await startProxy([...placed(proxyArguments), "--host", "127.0.0.1", "--port", "0"], launch);
    await using workers = new AsyncDisposableStack();
    const started = await Promise.all(
      [1, 2, 3].map(() => startProxy([...placed(workerArguments), "--host", "127.0.0.1"], launch)),
    );
    for (const worker of started) workers.use(worker);
    for (const worker of started) expect(await readiness(worker)).toEqual({ status: "healthy", batches: "running" });

    const batch = await createBatch(proxy.url);
    await expect
      .poll(async () => getJson(`${proxy.url}/v1/batches/${batch}`), { timeout: 60_000 })
      .toMatchObject({ status: "completed", request_counts: { total: lines, completed: lines, failed: 0 } });
    const { output_file_id: output } = await getJson(`${proxy.url}/v1/batches/${batch}`);
    const text = await (await fetch(`${proxy.url}/v1/files/${String(output)}/content`, { headers })).text();
    const ids = text
      .trim()
      .split("\n")
      .map((line) => v.parse(v.looseObject({ custom_id: v.string() }), JSON.parse(line)).custom_id);
    expect(ids.toSorted()).toEqual(Array.from({ length: lines }, (_, line) => idOf(line)).toSorted());
    for (const worker of started) expect(await worker.stop("SIGTERM")).toMatchObject({ code: 0 });
  });
});

async function readiness(worker: Running): Promise<unknown> {
  const [, port] = /metrics on port (\d+)$/.exec(worker.announcement) ?? [];
  return (await fetch(`http://127.0.0.1:${port}/health/readiness`)).json();
}

async function createBatch(url: string): Promise<string> {
  const texts = Array.from({ length: lines }, (_, line) =>
    JSON.stringify({
      custom_id: idOf(line),
      method: "POST",
      url: "/v1/rerank",
      body: { model: "bm25", query: `house ${line}`, documents: ["a red house", `the house ${line}`] },
    }),
  );
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new Blob([texts.join("\n")]), "lines.jsonl");
  const { id } = await getJson(`${url}/v1/files`, { method: "POST", body: form });
  const body = JSON.stringify({ input_file_id: id, endpoint: "/v1/rerank", completion_window: "24h" });
  return String((await getJson(`${url}/v1/batches`, { method: "POST", body }))["id"]);
}

function idOf(line: number): string {
  return `line ${line}`;
}

async function getJson(url: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const response = await fetch(url, { ...init, headers });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text);
}

/** As `docker compose` has them, of both files. */
async function composeContainers(): Promise<Containers> {
  const { services } = v.parse(composeFile, parse(await readFile(join(here, "compose.batches.yaml"), "utf8")));
  return {
    config: await readFile(join(here, "config-batches/config.yaml"), "utf8"),
    proxy: services["dheera-ai"]?.command ?? [],
    worker: services["worker"]?.command ?? [],
  };
}

const composeFile = v.object({
  services: v.record(v.string(), v.object({ command: v.optional(v.array(v.string())) })),
});

/** As Kubernetes has them, of the chart. */
async function chartContainers(): Promise<Containers> {
  await using folder = await createFolder({
    "values.yaml": stringify({ batches: { enabled: true, claim: "batches" } }),
  });
  const options = ["--kube-version", "1.31.0", "--values", join(folder.path, "values.yaml")];
  const chart = join(here, "helm/dheera-ai");
  const { stdout } = await promisify(execFile)("helm", ["template", "dheera-ai", chart, ...options]);
  const manifests = parseManifests(stdout);
  const argsOf = (name: string): readonly string[] =>
    v.parse(deployment, findKind(manifests, "Deployment", name)).spec.template.spec.containers[0].args;
  return {
    config: v.parse(configMap, findKind(manifests, "ConfigMap")).data["config.yaml"],
    proxy: argsOf("dheera-ai"),
    worker: argsOf("dheera-ai-worker"),
  };
}

const configMap = v.looseObject({ data: v.object({ "config.yaml": v.string() }) });
const deployment = v.looseObject({
  spec: v.looseObject({
    template: v.looseObject({
      spec: v.looseObject({ containers: v.tuple([v.looseObject({ args: v.array(v.string()) })]) }),
    }),
  }),
});
