import { stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { type BatchRecord, openBatches, openQueue, openStore } from "@dheera-ai/batch";

import { startRedisServer } from "../../test/support/redis-server.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { printRow } from "../proxy/table.ts";
import { fileOf } from "./input.ts";
import { openRanker } from "./ranker.ts";

/**
 * A million pairs through a batch in one process: `node -C source bench/batch/throughput.ts [--lines 10000] [--documents 100] [--redis]`. Each pair
 * is ranked once by the real engine over a provider that answers at once. SQLite or Redis, and a folder; everything that a crash must not lose is
 * on disk, as always. Resident memory is looked at once a second. Exits with 1 where a goal is missed.
 */
const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "10000" },
    documents: { type: "string", default: "100" },
    concurrency: { type: "string", default: "32" },
    /** Redis, which writes each change to its disk at once, in place of SQLite. */
    redis: { type: "boolean", default: false },
  },
});
const [lines = 0, documents = 0, concurrency = 0] = [values.lines, values.documents, values.concurrency].map(Number);
const leastPairs = 20_000;
const mostMegabytes = 400;

await using folder = await createFolder();
await using redis = values.redis ? await startRedisServer("--appendonly", "yes", "--appendfsync", "always") : undefined;
await using batches = openBatches({
  store: await openStore(join(folder.path, "store")),
  queue: await openQueue(redis?.url ?? folder.path),
});
await using ranker = openRanker();

let highest = 0;
const lookAtMemory = (): void => void (highest = Math.max(highest, process.memoryUsage().rss / 1e6));
const timer = setInterval(lookAtMemory, 1_000);

const uploadBegan = performance.now();
const file = await batches.files.create({
  owner: "",
  filename: "bench.jsonl",
  purpose: "batch",
  bytes: fileOf(lines, documents),
});
const uploadSeconds = (performance.now() - uploadBegan) / 1_000;

const began = performance.now();
const cpuBefore = process.cpuUsage();
const created = await batches.batches.create({
  owner: "",
  inputFileId: file.id,
  endpoint: "/v1/rerank",
  completionWindow: "24h",
});
let checkedSeconds = 0;
const work = batches.work({
  concurrency,
  rankLine: async (line) => {
    if (checkedSeconds === 0) checkedSeconds = (performance.now() - began) / 1_000;
    return await ranker.rankLine(line);
  },
  onTrouble: (message) => console.error(message),
});
const ended = await endOf(created.id);
const seconds = (performance.now() - began) / 1_000;
const cpu = process.cpuUsage(cpuBefore);
await work.close();
lookAtMemory();
clearInterval(timer);

const outputBytes = ended.outputFileId === undefined ? 0 : ((await batches.files.find(ended.outputFileId))?.bytes ?? 0);
const pairs = lines * documents;
print("upload", `${(file.bytes / 1e6 / uploadSeconds).toFixed(0)} MB/s of ${mb(file.bytes)}`);
print("checked after", `${checkedSeconds.toFixed(1)} s`);
print("whole batch", `${seconds.toFixed(1)} s`);
print("pairs a second", `${Math.round(pairs / seconds)}`, `≥ ${leastPairs}`);
print("processor time, all threads", `${((cpu.user + cpu.system) / 1e6).toFixed(1)} s`);
print("lines a second", `${Math.round(lines / seconds)}`);
print("pairs sent upstream / distinct", (ranker.pairsSent() / pairs).toFixed(4), "1");
print("output", mb(outputBytes));
if (!redis) print("queue's file", mb((await stat(join(folder.path, "queue.db"))).size));
print("resident memory, highest", `${highest.toFixed(0)} MB`, `< ${mostMegabytes} MB`);
const isWhole = ended.status === "completed" && ended.counts.completed === lines;
if (!isWhole || pairs / seconds < leastPairs || highest >= mostMegabytes) process.exitCode = 1;

async function endOf(id: string): Promise<BatchRecord> {
  for (;;) {
    const batch = await batches.batches.find(id);
    if (!batch) throw new Error("the batch is gone");
    if (!["validating", "in_progress", "finalizing"].includes(batch.status)) return batch;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function print(what: string, measured: string, goal = ""): void {
  printRow({ what, measured, goal });
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
