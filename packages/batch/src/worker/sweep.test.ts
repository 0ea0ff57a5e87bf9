import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { contextOf } from "../fixtures/context-of.ts";
import { type Place, create, openPlace, requestOf, upload } from "../fixtures/place.ts";
import { removeFile } from "../files/remove-file.ts";
import { createBatch } from "../batches/create-batch.ts";
import type { FileRecord, Queue } from "../contract.ts";
import { completeSettings } from "../settings.ts";
import { batchOf, fileOf } from "../testing/records.ts";
import { removeExpiredFiles, removeOldBatches, sweep } from "./sweep.ts";

const neverAborted = new AbortController().signal;

it("removes parts that no record names, once they are old, and no others", async () => {
  await using place = await openPlace();
  const unfinished = await create(place.batches, [requestOf("a")]);
  const ended = await create(place.batches, [requestOf("b")]);
  await using _ = place.batches.work({
    rankLine: async (line) =>
      line.batchId === ended.id ? { status: 200, body: {} } : { status: 503, body: {}, retryLater: "down" },
  });
  await eventually(async () => (await place.batches.batches.find(ended.id))?.status).toBe("completed");
  await upload(place.batches, [requestOf("c")]);
  const needed = await namesIn(place);
  expect(needed).toHaveLength(4);
  const running = `parts/${unfinished.id}/0000001-attempt-output.gz`;
  const stray = [
    "parts/file-that-was-cut-off/0000000.gz",
    `parts/${ended.id}/0000001-attempt-output.gz`,
    "parts/batch_that-is-gone/0000001-attempt-errors.gz",
  ];
  for (const name of [...stray, running]) await place.store.write(name, Buffer.from("part"));

  await sweepAt(place, Date.now());
  expect(await namesIn(place)).toEqual([...needed, ...stray, running].toSorted());
  await sweepAt(place, Date.now() + 2 * 3_600_000);
  expect(await namesIn(place)).toEqual([...needed, running].toSorted());
});

it("removes nothing by the word of a queue that knows nothing, because it is another or has lost what it kept", async () => {
  await using place = await openPlace();
  const file = await upload(place.batches, [requestOf("a")]);
  await sweepAt(place, Date.now());
  await using other = await openPlace();
  const wrong = contextOf({ ...place, queue: other.queue }, { now: () => Date.now() + 30 * 86_400_000 });
  await expect(sweep(wrong, new AbortController().signal)).rejects.toThrow(
    /belongs to another queue, or the queue has lost what it kept; .*delete queue-identity/,
  );
  await using _ = other.batches.work({ rankLine: async () => ({ status: 200, body: {} }) });
  const chunks = [];
  for await (const chunk of place.batches.files.content(file)) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toContain('"custom_id":"a"');
});

it("forgets batches that ended long ago, and leaves the others and all files", async () => {
  await using place = await openPlace();
  const ended: string[] = [];
  // More than are removed at one time.
  for (let number = 0; number < 120; number++) {
    const { id } = await create(place.batches, [requestOf(`${number}`)]);
    await place.queue.changeBatch(id, (batch) => ({ ...batch, status: "completed", completedAt: 1_000 + number }));
    ended.push(id);
  }
  const open = await create(place.batches, [requestOf("open")]);
  const settings = completeSettings({ batchesExpireAfter: 5_000 });
  const { signal } = new AbortController();
  await removeOldBatches(contextOf(place, { settings, now: () => 5_000 + 1_000 + 110 }), signal);
  const left = await place.batches.batches.list({ limit: 100 });
  expect(left.map(({ id }) => id)).toEqual([open.id, ...ended.slice(110).toReversed()]);
  expect((await place.queue.stored()).files).toBe(121);
});

it("is forgotten by workers of their own accord", async () => {
  await using place = await openPlace({ settings: { batchesExpireAfter: 1 } });
  const { id } = await create(place.batches, [requestOf("a")]);
  await using _ = place.batches.work({ rankLine: async () => ({ status: 200, body: {} }) });
  await eventually(() => place.batches.batches.find(id)).toBeUndefined();
});

it("asks a queue, as a worker begins, to note what a worker of an older release has ended", async () => {
  let asked = 0;
  const noteEnded = async (): Promise<void> => void asked++;
  await using place = await openPlace({ withQueue: (queue) => ({ ...queue, noteEnded }) });
  await using _ = place.batches.work({ rankLine: async () => ({ status: 200, body: {} }) });
  await eventually(async () => asked).toBe(1);
});

it("keeps a file that has expired for downloads that had begun, found by nobody, and removes it an hour later", async () => {
  await using place = await openPlace();
  const file = await uploadExpired(place);
  const download = place.batches.files.content(file);
  expect(await place.batches.files.find(file.id)).toBeUndefined();
  expect(await place.batches.files.list({ limit: 1 })).toEqual([]);
  await removeExpiredFiles(contextOf(place), neverAborted);
  const chunks: Uint8Array[] = [];
  for await (const chunk of download) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toContain('"custom_id":"a"');
  await removeExpiredFiles(contextOf(place, { now: () => Date.now() + 3_700_000 }), neverAborted);
  expect(await place.queue.findFile(file.id)).toBeUndefined();
  expect(await namesIn(place)).toEqual([]);
});

it("removes expired files behind any number of those that batches still read, which it leaves in peace", async () => {
  await using place = await openPlace();
  // More than are removed at one time.
  const inputs = Array.from({ length: 150 }, (_, number) => fileOf({ owner: "a", expiresAt: 1_000 + number }));
  const others = Array.from({ length: 120 }, (_, number) => fileOf({ owner: "b", expiresAt: 1_100 + number }));
  await Promise.all([...inputs, ...others].map((file) => place.queue.saveFile(file, [])));
  await Promise.all(inputs.map(({ id }) => place.queue.saveBatch(batchOf({ owner: "a", inputFileId: id }))));
  const asked: string[] = [];
  const queue: Queue = {
    ...place.queue,
    removeFile: async (id) => {
      asked.push(id);
      return await place.queue.removeFile(id);
    },
  };
  await removeExpiredFiles(contextOf(place, { queue }), neverAborted);
  expect((await place.queue.stored()).files).toBe(inputs.length);
  for (const { id } of inputs) expect(await place.queue.findFile(id)).toBeDefined();
  expect(asked.toSorted()).toEqual(others.map(({ id }) => id).toSorted());
});

describe("a file that is removed because it has expired, while a batch is created of it,", () => {
  const later = { now: () => Date.now() + 3_700_000 };
  const asked = { owner: "", endpoint: "/v1/rerank", completionWindow: "24h" };

  it("is gone before: the batch is refused, and nothing is left of it", async () => {
    await using place = await openPlace();
    const file = await upload(place.batches, [requestOf("a")]);
    const queue: Queue = {
      ...place.queue,
      saveBatch: async (...batch) => {
        await place.queue.saveFile({ ...file, expiresAt: Date.now() - 1 }, place.queue.partsOf(file.id));
        await removeExpiredFiles(contextOf(place, later), neverAborted);
        return await place.queue.saveBatch(...batch);
      },
    };
    await expect(createBatch(contextOf(place, { queue }), { ...asked, inputFileId: file.id })).rejects.toMatchObject({
      param: "input_file_id",
    });
    expect(await place.queue.listBatches({ limit: 10 })).toEqual([]);
    expect(await place.queue.depth()).toEqual({ waiting: 0, running: 0 });
  });

  it("stays until the batch has ended, also for whoever removes it by hand", async () => {
    await using place = await openPlace();
    const file = await upload(place.batches, [requestOf("a")]);
    const { id } = await createBatch(contextOf(place), { ...asked, inputFileId: file.id });
    // Both had looked before the batch was there.
    const queue: Queue = { ...place.queue, openBatches: async function* () {} };
    await place.queue.saveFile({ ...file, expiresAt: Date.now() - 1 }, place.queue.partsOf(file.id));
    await removeExpiredFiles(contextOf(place, { ...later, queue }), neverAborted);
    await expect(removeFile(contextOf(place, { queue }), file)).rejects.toThrow(`is the input of the batch ${id}`);
    await using _ = place.batches.work({ rankLine: async () => ({ status: 200, body: {} }) });
    await eventually(async () => (await place.batches.batches.find(id))?.status).toBe("completed");
    await removeExpiredFiles(contextOf(place, later), neverAborted);
    expect(await place.queue.findFile(file.id)).toBeUndefined();
  });
});

async function uploadExpired(place: Place): Promise<FileRecord> {
  const file = await upload(place.batches, [requestOf("a")]);
  const expired = { ...file, expiresAt: Date.now() - 1 };
  await place.queue.saveFile(expired, place.queue.partsOf(file.id));
  return expired;
}

async function sweepAt(place: Place, now: number): Promise<void> {
  await sweep(contextOf(place, { now: () => now }), new AbortController().signal);
}

async function namesIn({ store }: Place): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of store.list("parts/")) names.push(name);
  return names.toSorted();
}
