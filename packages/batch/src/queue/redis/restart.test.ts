import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { type RedisServer, startRedisServer } from "../../../../../test/support/redis-server.ts";
import type { Claim, Queue } from "../../contract.ts";
import { openQueue } from "../../open-queue.ts";
import { batchOf, collected, fileOf, keptOf, partOf, shardsOf } from "../../testing/records.ts";

const endless: AbortSignal = new AbortController().signal;
/** As Redis is told to write down each change before it answers. */
const always = ["--appendonly", "yes", "--appendfsync", "always"] as const;

describe("a Redis that is killed and started again", needs("redis-server"), () => {
  it("has everything that it answered to, with appendfsync always, for the connections that were there", async () => {
    await using server = await startRedisServer(...always);
    await using place = await open(server);
    const { queue } = place;
    const [file, batch] = [fileOf({ owner: "key" }), batchOf({ owner: "key" })];
    await queue.saveFile(file, [partOf("a"), partOf("b")]);
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(3));
    const first = await takenFrom(queue);
    await first.keep([keptOf(0), keptOf(1, { isError: true })]);
    expect(await first.finish({ completed: 1, failed: 2, output: partOf("first") })).toBe(true);
    const second = await takenFrom(queue);
    await second.keep([keptOf(0)]);
    await server.kill();
    await server.start();
    expect(await queue.findFile(file.id)).toEqual(file);
    expect(await collected(queue.partsOf(file.id))).toEqual([partOf("a"), partOf("b")]);
    expect(await queue.bytesOf("key")).toBe(file.bytes);
    expect(await queue.findBatch(batch.id)).toMatchObject({ counts: { completed: 2, failed: 2 }, shardsEnded: 1 });
    expect(await collected(queue.resultsOf(batch.id, "output"))).toEqual([partOf("first")]);
    expect(await second.kept()).toEqual([keptOf(0)]);
    await second.keep([keptOf(1)]);
    expect(await second.finish({ completed: 2, failed: 0 })).toBe(true);
    const third = await takenFrom(queue);
    expect(third.shard).toBe(2);
    expect(await third.finish({ completed: 1, failed: 0 })).toBe(true);
    expect(await queue.findBatch(batch.id)).toMatchObject({ counts: { completed: 4, failed: 2 }, shardsEnded: 3 });
    expect(await queue.depth()).toEqual({ waiting: 0, running: 0 });
  });

  it("is unavailable after a while when it does not come back, and so is a frozen one", async () => {
    await using server = await startRedisServer();
    await using place = await open(server);
    const unavailable = { code: "unavailable", retryable: true };
    server.freeze();
    await expect(place.queue.findBatch("batch_1")).rejects.toMatchObject(unavailable);
    server.thaw();
    expect(await place.queue.findBatch("batch_1")).toBeUndefined();
    await server.kill();
    await expect(place.queue.findBatch("batch_1")).rejects.toMatchObject(unavailable);
    await expect(place.queue.take(endless)).rejects.toMatchObject(unavailable);
    await expect(openQueue(server.url)).rejects.toMatchObject(unavailable);
  });

  it("does again what it forgot, and counts each shard once", async () => {
    // It is written down once: a restart forgets what happened since, as one with `everysec` forgets the last second.
    await using server = await startRedisServer();
    await using place = await open(server);
    const { queue } = place;
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(1));
    await writeDown(server);
    const claim = await takenFrom(queue);
    await claim.keep([keptOf(0)]);
    await server.kill();
    await server.start();
    await expect(claim.keep([keptOf(1)])).rejects.toMatchObject({ code: "cancelled" });
    expect(claim.lost.aborted).toBe(true);
    expect(await claim.finish({ completed: 2, failed: 0 })).toBe(false);
    const again = await takenFrom(queue);
    expect(await again.kept()).toEqual([]);
    expect(await again.finish({ completed: 2, failed: 0 })).toBe(true);
    expect(await queue.findBatch(batch.id)).toMatchObject({ counts: { completed: 2, failed: 0 }, shardsEnded: 1 });
  });
});

it("a Redis that hangs for a moment is waited for", needs("redis-server"), async () => {
  await using server = await startRedisServer();
  await using place = await open(server);
  const { queue } = place;
  const batch = batchOf();
  await queue.saveBatch(batch);
  await queue.addShards(batch.id, shardsOf(1));
  const claim = await takenFrom(queue);
  server.freeze();
  const asked = [claim.keep([keptOf(0)]), queue.findBatch(batch.id)] as const;
  server.thaw();
  await asked[0];
  expect((await asked[1])?.id).toBe(batch.id);
  expect(await claim.kept()).toEqual([keptOf(0)]);
});

it("a Redis that has no memory left is said to be full", needs("redis-server"), async () => {
  await using server = await startRedisServer("--maxmemory", "3mb");
  await using place = await open(server);
  const parts = Array.from({ length: 5_000 }, (_, index) => partOf(`part-${index}-${"x".repeat(200)}`));
  const saving = async (): Promise<void> => {
    for (let file = 0; file < 20; file++) await place.queue.saveFile(fileOf(), parts);
  };
  await expect(saving()).rejects.toMatchObject({
    code: "unavailable",
    message: "the queue of batches is full; what waits goes on when there is room",
    cause: { message: expect.stringContaining("has no memory left") },
  });
});

async function open(server: RedisServer): Promise<AsyncDisposable & { readonly queue: Queue }> {
  const queue = await openQueue(server.url);
  return { queue, [Symbol.asyncDispose]: () => queue.close() };
}

async function takenFrom(queue: Queue): Promise<Claim> {
  for (;;) {
    const claim = await queue.take(endless);
    if (claim !== undefined) return claim;
  }
}

async function writeDown({ url }: RedisServer): Promise<void> {
  const client = new Redis(url);
  await client.save();
  client.disconnect();
}
