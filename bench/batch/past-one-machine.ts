import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { type Batches, type RankLine, type Store, openBatches, openQueue, openStore } from "@dheera-ai/batch";
import { Redis } from "ioredis";

import { startRedisServer } from "../../test/support/redis-server.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { printRow } from "../proxy/table.ts";
import { fileOf } from "./input.ts";

/**
 * What a batch costs where it is shared: `node -C source bench/batch/past-one-machine.ts [--lines 100000] [--documents 10] [--workers 1,10,100]`.
 * A real Redis that writes to its disk each second, and a store whose calls are counted: each is a request where it is a bucket. First one
 * worker and a server that answers at once; then servers of several speeds; then workers that have nothing to do.
 */
const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "100000" },
    documents: { type: "string", default: "10" },
    concurrency: { type: "string", default: "32" },
    milliseconds: { type: "string", default: "5,20,100" },
    workers: { type: "string", default: "1,10,100" },
    seconds: { type: "string", default: "10" },
  },
});
const [lines = 0, documents = 0, concurrency = 0, seconds = 0] = [
  values.lines,
  values.documents,
  values.concurrency,
  values.seconds,
].map(Number);
const sampleMs = 50;

await using server = await startRedisServer("--appendonly", "yes", "--appendfsync", "everysec");
const redis = new Redis(server.url);
await using folder = await createFolder();
const calls = { write: 0, read: 0, remove: 0, list: 0, highest: 0 };
const store = counted(await openStore(folder.path));
await costs();
for (const milliseconds of values.milliseconds.split(",").map(Number)) await speed(milliseconds);
for (const workers of values.workers.split(",").map(Number)) await idle(workers);
redis.disconnect();

/** One batch from its upload to its removal. */
async function costs(): Promise<void> {
  await using batches = openBatches({ store: keepOpen(store), queue: await openQueue(server.url) });
  const empty = await memory();
  const fileId = await upload(batches, lines);
  const uploaded = await memory();
  row("in Redis, uploaded", perLine(uploaded - empty));
  row("requests to the store, upload", requests());
  let checked = 0;
  let highest = 0;
  const before = await worked();
  const timer = setInterval(async () => void (highest = Math.max(highest, await memory())), sampleMs);
  const began = performance.now();
  const { id, elapsed } = await run(batches, fileId, async () => {
    if (checked === 0) checked = await memory();
    return answer();
  });
  clearInterval(timer);
  const after = await worked();
  const ended = await memory();
  row("in Redis, all shards wait", perLine(checked - empty));
  row("in Redis, highest while it runs", `${((highest - empty) / 1e6).toFixed(1)} MB`);
  row("in Redis, ended", perLine(ended - empty));
  row("requests to the store, run", requests());
  row("largest of them", `${(calls.highest / 1e6).toFixed(2)} MB`);
  row("lines a second, one worker", (lines / elapsed).toFixed(0));
  row("Redis worked", `${(((after.cpu - before.cpu) / lines) * 1e6).toFixed(1)} µs a line`);
  row("commands of Redis", `${((after.commands - before.commands) / lines).toFixed(2)} a line`);
  row("Redis was busy", `${(((after.cpu - before.cpu) / ((performance.now() - began) / 1_000)) * 100).toFixed(0)} %`);
  const { outputFileId } = (await batches.batches.find(id)) ?? {};
  for (const name of [fileId, outputFileId ?? ""]) {
    const file = await batches.files.find(name);
    if (file) await batches.files.remove(file);
  }
  row("in Redis, files removed", perLine((await memory()) - empty));
  row("requests to the store, removal", requests());
}

/** One worker before a server that takes so long for each line. */
async function speed(milliseconds: number): Promise<void> {
  await using batches = openBatches({ store: keepOpen(store), queue: await openQueue(server.url) });
  // A shard has at most 1,000 lines: the end, when fewer are left than may be asked at one time, is a small part.
  const some = Math.max(2_000, Math.min(lines, Math.round((seconds * concurrency * 1_000) / milliseconds)));
  const fileId = await upload(batches, some);
  const { elapsed } = await run(batches, fileId, async () => {
    await sleep(milliseconds);
    return answer();
  });
  const most = (concurrency * 1_000) / milliseconds;
  row(
    `lines a second, one worker, ${milliseconds} ms a line`,
    `${(some / elapsed).toFixed(0)} of ${most.toFixed(0)} (${concurrency} at one time)`,
  );
}

/** Workers that wait for something to do. */
async function idle(workers: number): Promise<void> {
  const all = await Promise.all(
    Array.from({ length: workers }, async () =>
      openBatches({ store: keepOpen(store), queue: await openQueue(server.url) }),
    ),
  );
  for (const batches of all) batches.work({ concurrency, rankLine: async () => answer(), onTrouble });
  await sleep(2_000);
  const before = await worked();
  await sleep(seconds * 1_000);
  const after = await worked();
  row(
    `${workers} idle workers`,
    `${((after.commands - before.commands) / seconds).toFixed(0)} commands a second, Redis ${(((after.cpu - before.cpu) / seconds) * 100).toFixed(1)} % busy, ${after.clients - 1} connections`,
  );
  await Promise.all(all.map((batches) => batches.close()));
}

async function upload(batches: Batches, count: number): Promise<string> {
  const bytes = fileOf(count, documents);
  return (await batches.files.create({ owner: "", filename: "bench.jsonl", purpose: "batch", bytes })).id;
}

async function run(batches: Batches, inputFileId: string, rankLine: RankLine) {
  const began = performance.now();
  const { id } = await batches.batches.create({
    owner: "",
    inputFileId,
    endpoint: "/v1/rerank",
    completionWindow: "24h",
  });
  const work = batches.work({ concurrency, rankLine, onTrouble });
  for (;;) {
    const batch = await batches.batches.find(id);
    if (batch?.status === "completed") break;
    if (!batch || !["validating", "in_progress", "finalizing"].includes(batch.status))
      throw new Error(`the batch is ${batch?.status}`);
    await sleep(sampleMs);
  }
  const elapsed = (performance.now() - began) / 1_000;
  await work.close();
  return { id, elapsed };
}

/** As an answer is with a result for each document. */
function answer(): Awaited<ReturnType<RankLine>> {
  const results = Array.from({ length: documents }, (_, index) => ({ index, relevance_score: 0.5 }));
  return { status: 200, body: { id: "x".repeat(24), results } };
}

function counted(inner: Store): Store {
  return {
    async write(name, bytes) {
      calls.write++;
      calls.highest = Math.max(calls.highest, bytes.length);
      await inner.write(name, bytes);
    },
    async read(name) {
      calls.read++;
      return await inner.read(name);
    },
    async remove(names) {
      calls.remove += names.length;
      await inner.remove(names);
    },
    async *list(prefix) {
      let names = 0;
      for await (const one of inner.list(prefix)) {
        // A page of S3 has a thousand.
        if (names++ % 1_000 === 0) calls.list++;
        yield one;
      }
    },
    close: async () => await inner.close(),
  };
}

/** Several take turns with it. */
function keepOpen(shared: Store): Store {
  return { ...shared, close: async () => {} };
}

function requests(): string {
  const { write, read, remove, list } = calls;
  Object.assign(calls, { write: 0, read: 0, remove: 0, list: 0 });
  const million = (count: number): string => ((count * 1e6) / lines).toFixed(0);
  return `${million(write)} PUT, ${million(read)} GET, ${million(remove)} DELETE, ${million(list)} LIST for a million lines`;
}

async function memory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);
}

async function worked() {
  const text = await redis.info();
  const figure = (name: string): number => Number(new RegExp(`\\b${name}:([\\d.]+)`).exec(text)?.[1]);
  return {
    cpu: figure("used_cpu_user_main_thread") + figure("used_cpu_sys_main_thread"),
    commands: figure("total_commands_processed"),
    clients: figure("connected_clients"),
  };
}

function perLine(bytes: number): string {
  return `${(bytes / lines).toFixed(2)} bytes a line, ${((bytes * 1e6) / lines / 1e6).toFixed(2)} MB for a million`;
}

function onTrouble(message: string, cause: unknown): void {
  console.error(message, cause);
}

function row(what: string, measured: string): void {
  printRow({ what, measured });
}
