import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type BatchRecord, type Batches, openBatches, openQueue, openStore } from "@dheera-ai/batch";
import { describe, expect, it } from "vitest";

import { needs } from "../support/programs.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { createFolder } from "../support/temporary-folder.ts";

/** Milliseconds against hanging: a minute on a machine that has nothing else to do. */
const wholeRun = 600_000;

describe("a line of which each worker dies becomes its own error, and all others are answered:", () => {
  it("SQLite", { timeout: wholeRun }, async () => {
    await using folder = await createFolder();
    await expectOneError(folder.path, join(folder.path, "store"));
  });

  it("Redis", { ...needs("redis-server"), timeout: wholeRun }, async () => {
    await using folder = await createFolder();
    await using redis = await startRedisServer();
    await expectOneError(redis.url, folder.path);
  });
});

async function expectOneError(queue: string, store: string): Promise<void> {
  await using batches = openBatches({ queue: await openQueue(queue), store: await openStore(store) });
  const ids = Array.from({ length: 1_200 }, (_, number) => (number === 150 ? "deadly" : `id-${number}`));
  const batch = await createBatch(batches, ids);
  const other = await createBatch(batches, ["a", "b", "c"]);
  await using workers = keepAlive(2, [queue, store]);
  const ended = await endOf(batches, batch.id);
  expect(ended).toMatchObject({ status: "completed", counts: { total: 1_200, completed: 1_199, failed: 1 } });
  expect(await idsIn(batches, ended.errorFileId)).toEqual(["deadly"]);
  expect(await textOf(batches, ended.errorFileId)).toContain('"code":"worker_lost"');
  expect(await idsIn(batches, ended.outputFileId)).toEqual(ids.filter((id) => id !== "deadly"));
  expect((await endOf(batches, other.id)).counts).toEqual({ total: 3, completed: 3, failed: 0 });
  console.log({ deaths: workers.deaths });
  // Two until its shard is asked with caution, one with the group in which it is, three by itself; none by chance.
  expect(workers.deaths).toBeGreaterThanOrEqual(4);
  expect(workers.deaths).toBeLessThanOrEqual(8);
}

async function createBatch(batches: Batches, ids: readonly string[]): Promise<BatchRecord> {
  const lines = ids.map((id) => {
    const body = { model: "m", query: id, documents: ["a"] };
    return Buffer.from(`${JSON.stringify({ custom_id: id, method: "POST", url: "/v1/rerank", body })}\n`);
  });
  const file = await batches.files.create({ owner: "", filename: "a.jsonl", purpose: "batch", bytes: arriving(lines) });
  const window = { endpoint: "/v1/rerank", completionWindow: "24h" };
  return await batches.batches.create({ owner: "", inputFileId: file.id, ...window });
}

async function* arriving(lines: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* lines;
}

async function endOf(batches: Batches, id: string): Promise<BatchRecord> {
  const find = async (): Promise<BatchRecord | undefined> => await batches.batches.find(id);
  await expect.poll(async () => (await find())?.status, { interval: 100, timeout: wholeRun }).toBe("completed");
  const batch = await find();
  if (!batch) throw new Error("the batch is gone");
  return batch;
}

async function textOf(batches: Batches, fileId: string | undefined): Promise<string> {
  const file = fileId === undefined ? undefined : await batches.files.find(fileId);
  if (!file) return "";
  const chunks: Uint8Array[] = [];
  for await (const chunk of batches.files.content(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function idsIn(batches: Batches, fileId: string | undefined): Promise<readonly unknown[]> {
  const lines = (await textOf(batches, fileId)).split("\n").slice(0, -1);
  return lines.map((line) => {
    const read: unknown = JSON.parse(line);
    return typeof read === "object" && read !== null && "custom_id" in read ? read.custom_id : undefined;
  });
}

interface Workers extends AsyncDisposable {
  readonly deaths: number;
}

const program = fileURLToPath(new URL("deadly-worker.ts", import.meta.url));

/** So many processes, each of which is started again when it dies. */
function keepAlive(size: number, commandLine: readonly string[]): Workers {
  let deaths = 0;
  let isOver = false;
  const running = new Set<ChildProcess>();
  const start = (): void => {
    const worker = spawn(process.execPath, ["-C", "source", program, ...commandLine], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    running.add(worker);
    worker.once("exit", () => {
      running.delete(worker);
      if (isOver) return;
      deaths++;
      start();
    });
  };
  const leaveNothingBehind = (): void => {
    isOver = true;
    for (const worker of running) worker.kill("SIGKILL");
  };
  process.once("exit", leaveNothingBehind);
  for (let worker = 0; worker < size; worker++) start();
  return {
    get deaths() {
      return deaths;
    },
    async [Symbol.asyncDispose]() {
      process.off("exit", leaveNothingBehind);
      const ends = [...running].map((worker) => once(worker, "exit"));
      leaveNothingBehind();
      await Promise.all(ends);
    },
  };
}
