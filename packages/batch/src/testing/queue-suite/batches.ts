import { expect, it } from "vitest";

import type { BatchRecord } from "../../contract.ts";
import { batchOf, collected, keptOf, shardsOf } from "../records.ts";
import type { CreatePlace } from "../queue-place.ts";
import { startWorker } from "../worker.ts";

export function testBatches(create: CreatePlace): void {
  it("are there for every process, with all their fields", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const batch = batchOf({
      owner: "key",
      metadata: { night: "17", ü: "\u0000 \ud83d\ude00" },
      problems: [{ code: "invalid_json", message: "line 3 is no JSON", line: 3, param: "body" }],
      inProgressAt: 1_700_000_000_001,
      pausedFor: "the disk is full",
    });
    await one.saveBatch(batch);
    expect(await other.findBatch(batch.id)).toEqual(batch);
    expect(await other.findBatch("batch_unknown")).toBeUndefined();
  });

  it("are changed from their newest version, and not where the change is nothing", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const batch = batchOf({ status: "validating" });
    await one.saveBatch(batch);
    const changed = await one.changeBatch(batch.id, (found) => ({ ...found, status: "in_progress", shards: 3 }));
    expect(changed).toEqual({ ...batch, status: "in_progress", shards: 3 });
    const paused = await other.changeBatch(batch.id, (found) => ({ ...found, pausedFor: "no room" }));
    expect(paused).toEqual({ ...changed, pausedFor: "no room" });
    expect(await one.changeBatch(batch.id, () => undefined)).toEqual(paused);
    const resumed = await one.changeBatch(batch.id, (found) => ({ ...found, pausedFor: undefined }));
    expect(resumed).toEqual(changed);
    expect(await other.findBatch(batch.id)).toEqual(changed);
    expect(await one.changeBatch("batch_unknown", (found) => found)).toBeUndefined();
  });

  it("keep what their queue counts, whatever a change says, and take the total", async () => {
    await using place = await create();
    const queue = await place.open();
    const batch = batchOf();
    await queue.saveBatch(batch);
    const changed = await queue.changeBatch(batch.id, (found) => ({
      ...found,
      counts: { total: 9, completed: 5, failed: 4 },
      cost: 3,
      shardsEnded: 2,
    }));
    expect(changed).toEqual({ ...batch, counts: { total: 9, completed: 0, failed: 0 } });
  });

  it("are unchanged where a change throws", async () => {
    await using place = await create();
    const queue = await place.open();
    const batch = batchOf();
    await queue.saveBatch(batch);
    const failing = queue.changeBatch(batch.id, () => {
      throw new RangeError("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await queue.changeBatch(batch.id, (found) => ({ ...found, shards: 1 }))).toEqual({ ...batch, shards: 1 });
  });

  it("lose no change of several processes that change them at the same time", async () => {
    await using place = await create();
    const queue = await place.open();
    const batch = batchOf();
    await queue.saveBatch(batch);
    await using one = startWorker(place.where, "change", batch.id, "100");
    await using other = startWorker(place.where, "change", batch.id, "100");
    for (const worker of [one, other]) expect(await worker.said()).toEqual({ ready: true });
    const count = (found: BatchRecord): BatchRecord => ({
      ...found,
      metadata: { count: String(Number(found.metadata["count"] ?? 0) + 1) },
    });
    await Promise.all(Array.from({ length: 50 }, () => queue.changeBatch(batch.id, count)));
    for (const worker of [one, other]) expect(await worker.said()).toEqual({ changed: 100 });
    expect((await queue.findBatch(batch.id))?.metadata).toEqual({ count: "250" });
  });

  it("are listed newest first, page by page, of one owner or of all", async () => {
    await using place = await create();
    const queue = await place.open();
    const batches = Array.from({ length: 11 }, (_, index) => batchOf({ owner: index < 6 ? "early" : "late" }));
    for (const batch of batches) await queue.saveBatch(batch);
    const newestFirst = batches.toReversed();
    const first = await queue.listBatches({ limit: 4 });
    expect(first).toEqual(newestFirst.slice(0, 4));
    expect(await queue.listBatches({ limit: 100, after: first.at(-1)?.id ?? "" })).toEqual(newestFirst.slice(4));
    expect(await queue.listBatches({ limit: 2, owner: "early", after: batches[5]?.id ?? "" })).toEqual(
      newestFirst.slice(6, 8),
    );
    const refused = { code: "invalid_request", param: "after" };
    await expect(queue.listBatches({ limit: 2, after: "batch_unknown" })).rejects.toMatchObject(refused);
    await expect(queue.listBatches({ limit: 2, owner: "late", after: batches[0]?.id ?? "" })).rejects.toMatchObject(
      refused,
    );
  });

  it("are listed oldest first where that is asked for", async () => {
    await using place = await create();
    const queue = await place.open();
    const batches = Array.from({ length: 5 }, () => batchOf({ owner: "key" }));
    for (const batch of batches) await queue.saveBatch(batch);
    expect(await queue.listBatches({ limit: 2, order: "asc" })).toEqual(batches.slice(0, 2));
    const after = batches[1]?.id ?? "";
    expect(await queue.listBatches({ limit: 9, order: "asc", owner: "key", after })).toEqual(batches.slice(2));
  });

  it("are as many of one owner as may be open, whoever is first", async () => {
    await using place = await create();
    const queues = [await place.open(), await place.open()];
    const [queue] = queues;
    if (queue === undefined) throw new Error("no queue");
    const batches = Array.from({ length: 10 }, () => batchOf({ owner: "key" }));
    const saved = await Promise.all(batches.map((batch, index) => (queues[index % 2] ?? queue).saveBatch(batch, 4)));
    expect(saved.filter(Boolean)).toHaveLength(4);
    const there = batches.filter((_, index) => saved[index]);
    expect(await queue.listBatches({ limit: 100, order: "asc" })).toEqual(there);
    expect(await queue.saveBatch(batchOf({ owner: "another" }), 4)).toBe(true);
    const [first] = there;
    if (first === undefined) throw new Error("no batch");
    // One that is there is saved again: it is none more.
    expect(await queue.saveBatch(first, 4)).toBe(true);
    const late = batchOf({ owner: "key" });
    expect(await queue.saveBatch(late, 4)).toBe(false);
    await queue.changeBatch(first.id, (found) => ({ ...found, status: "completed" }));
    expect(await queue.saveBatch(late, 4)).toBe(true);
    await queue.changeBatch(first.id, (found) => ({ ...found, status: "in_progress" }));
    expect(await queue.saveBatch(batchOf({ owner: "key" }), 5)).toBe(false);
  });

  it("have lines left until these have ended", async () => {
    await using place = await create();
    const queue = await place.open();
    expect(await queue.linesLeft()).toBe(0);
    await queue.saveBatch(batchOf({ counts: { total: 5, completed: 2, failed: 1 } }));
    await queue.saveBatch(batchOf({ counts: { total: 0, completed: 0, failed: 0 } }));
    await queue.saveBatch(batchOf({ status: "cancelled", counts: { total: 9, completed: 1, failed: 0 } }));
    expect(await queue.linesLeft()).toBe(2);
  });

  it("that ended before a time are found, the one that ended first first", async () => {
    await using place = await create();
    const queue = await place.open();
    const at = 1_750_000_000_000;
    const ended = [
      batchOf({ status: "completed", completedAt: at + 3 }),
      batchOf({ status: "failed", failedAt: at + 1 }),
      batchOf({ status: "cancelled", cancellingAt: at, cancelledAt: at + 2 }),
      batchOf({ status: "expired", expiredAt: at + 4 }),
    ];
    const running = batchOf({ status: "finalizing", expiredAt: at });
    for (const batch of [...ended, running]) await queue.saveBatch(batch);
    const inOrder = [1, 2, 0, 3].map((index) => ended[index]);
    expect(await queue.endedBatches(at + 5, 10)).toEqual(inOrder);
    expect(await queue.endedBatches(at + 4, 10)).toEqual(inOrder.slice(0, 3));
    expect(await queue.endedBatches(at + 5, 2)).toEqual(inOrder.slice(0, 2));
    const changed = await queue.changeBatch(running.id, (found) => ({ ...found, status: "expired" }));
    expect(await queue.endedBatches(at + 1, 10)).toEqual([changed]);
  });

  it("are removed with all that is left of them, and nobody else's", async () => {
    await using place = await create();
    const queue = await place.open();
    const [batch, other] = [batchOf({ owner: "key" }), batchOf({ owner: "key" })];
    for (const each of [batch, other]) {
      await queue.saveBatch(each);
      await queue.addShards(each.id, shardsOf(3));
    }
    const claim = await queue.take(new AbortController().signal, new Set([other.id]));
    await claim?.keep([keptOf(0)]);
    for (let time = 0; time < 2; time++) {
      await queue.removeBatch(batch.id);
      expect(await queue.findBatch(batch.id)).toBeUndefined();
      expect(await queue.listBatches({ limit: 10, owner: "key" })).toMatchObject([{ id: other.id }]);
      expect(await collected(queue.openBatches())).toMatchObject([{ id: other.id }]);
      expect(await queue.depth()).toEqual({ waiting: 3, running: 0 });
    }
    expect(await claim?.finish({ completed: 1, failed: 0 })).toBe(false);
    expect(await queue.findBatch(batch.id)).toBeUndefined();
    expect(await queue.changeBatch(batch.id, (found) => found)).toBeUndefined();
  });

  it("are open until they have ended", async () => {
    await using place = await create();
    const queue = await place.open();
    const states: readonly BatchRecord["status"][] = [
      "validating",
      "failed",
      "in_progress",
      "finalizing",
      "completed",
      "expired",
      "cancelling",
      "cancelled",
    ];
    const batches = states.map((status) => batchOf({ status }));
    for (const batch of batches) await queue.saveBatch(batch);
    const many = Array.from({ length: 250 }, () => batchOf());
    for (const batch of many) await queue.saveBatch(batch);
    const open = async (): Promise<readonly string[]> =>
      (await collected(queue.openBatches())).map(({ id }) => id).toSorted();
    const expected = [...batches.filter((_, index) => [0, 2, 3, 6].includes(index)), ...many].map(({ id }) => id);
    expect(await open()).toEqual(expected.toSorted());
    for (const { id } of batches) await queue.changeBatch(id, (found) => ({ ...found, status: "completed" }));
    expect(await open()).toEqual(many.map(({ id }) => id).toSorted());
  });
}
