import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { type BatchRecord, type Batches, openBatches, openQueue, openStore } from "@dheera-ai/batch";
import { isDheeraError } from "@dheera-ai/core";

/**
 * A batch whose disk fills up while it runs, and has room again later: `full-disk-process.ts <folder of a small file system>`. Prints what
 * was seen as JSON.
 */
const [, , folder = ""] = process.argv;
const lines = 3_000;
await using batches = openBatches({ queue: await openQueue(folder), store: await openStore(join(folder, "store")) });
const ids = Array.from({ length: lines }, (_, number) => `id-${number}`);
const { id } = await create(batches, ids);
batches.work({
  rankLine: async ({ body }) => {
    await wait(50);
    return { status: 200, body };
  },
});
await until(async () => (await find(id)).counts.completed > 200);
await fill(join(folder, "ballast"));
await until(async () => (await find(id)).pausedFor !== undefined);
const { pausedFor, status } = await find(id);
const before = (await batches.files.list({ limit: 100 })).length;
const upload = await create(batches, ids).then(
  () => "taken",
  (error: unknown) => (isDheeraError(error) ? error.code : String(error)),
);
const left = (await batches.files.list({ limit: 100 })).length - before;
await rm(join(folder, "ballast"));
await until(async () => (await find(id)).status === "completed");
const ended = await find(id);
const times = new Map<string, number>();
for (const line of (await textOf(ended.outputFileId)).split("\n").slice(0, -1)) {
  const read: unknown = JSON.parse(line);
  const customId = typeof read === "object" && read !== null && "custom_id" in read ? String(read.custom_id) : "";
  times.set(customId, (times.get(customId) ?? 0) + 1);
}
const once = ids.filter((each) => times.get(each) === 1).length;
console.log(
  JSON.stringify({ status, pausedFor, upload, left, counts: ended.counts, once, pausedAfter: ended.pausedFor }),
);

async function create(to: Batches, customIds: readonly string[]): Promise<BatchRecord> {
  const file = await to.files.create({ owner: "", filename: "a.jsonl", purpose: "batch", bytes: fileOf(customIds) });
  const window = { endpoint: "/v1/rerank", completionWindow: "24h" };
  return await to.batches.create({ owner: "", inputFileId: file.id, ...window });
}

async function* fileOf(customIds: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const customId of customIds) {
    // Of letters that do not pack well.
    const text = Buffer.from(Array.from({ length: 150 }, () => Math.floor(Math.random() * 256))).toString("base64");
    const body = { model: "m", query: customId, documents: [text] };
    yield Buffer.from(`${JSON.stringify({ custom_id: customId, method: "POST", url: "/v1/rerank", body })}\n`);
  }
}

/** Takes all room that there is. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, "w");
  for (let bytes = 1_048_576; bytes >= 1;) {
    const isWritten = await file.write(Buffer.alloc(bytes)).then(
      ({ bytesWritten }) => bytesWritten === bytes,
      () => false,
    );
    if (!isWritten) bytes = Math.floor(bytes / 2);
  }
}

async function find(batchId: string): Promise<BatchRecord> {
  const batch = await batches.batches.find(batchId);
  if (!batch) throw new Error("the batch is gone");
  return batch;
}

async function textOf(fileId: string | undefined): Promise<string> {
  const file = fileId === undefined ? undefined : await batches.files.find(fileId);
  const chunks: Uint8Array[] = [];
  if (file) for await (const chunk of batches.files.content(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await wait(50);
}
