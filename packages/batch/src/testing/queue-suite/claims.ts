import { expect, it } from "vitest";

import type { Claim, Queue } from "../../contract.ts";
import { batchOf, keptOf, shardsOf } from "../records.ts";
import type { CreatePlace } from "../queue-place.ts";

const endless: AbortSignal = new AbortController().signal;

export function testClaims(create: CreatePlace): void {
  /** A batch with one shard, and somebody who holds it. */
  async function hold(queue: Queue): Promise<{ readonly id: string; readonly claim: Claim }> {
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(1));
    return { id: batch.id, claim: await takenOf(queue) };
  }

  it("finish once", async () => {
    await using place = await create();
    const queue = await place.open();
    const { id, claim } = await hold(queue);
    const result = { completed: 3, failed: 2, cost: 0.25 };
    const results = await Promise.all([claim.finish(result), claim.finish(result)]);
    expect(results.toSorted()).toEqual([false, true]);
    expect(await claim.finish(result)).toBe(false);
    await claim.release();
    expect(await queue.take(endless)).toBeUndefined();
    expect(await queue.findBatch(id)).toMatchObject({
      counts: { total: 0, completed: 3, failed: 2 },
      cost: 0.25,
      shardsEnded: 1,
    });
    expect(await queue.depth()).toEqual({ waiting: 0, running: 0 });
  });

  it("that are released are taken by others at once, with what was kept", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const { id, claim } = await hold(one);
    expect(await claim.kept()).toEqual([]);
    const lines = [keptOf(2), keptOf(0, { isError: true, cost: 0.125, text: '{"ü":"\u2028\\u0000"}' }), keptOf(11)];
    await claim.keep(lines.slice(0, 1));
    await claim.keep(lines.slice(1));
    await claim.release();
    await claim.release();
    expect(await one.depth()).toEqual({ waiting: 1, running: 0 });
    const next = await takenOf(other);
    expect(next.attempt).not.toBe(claim.attempt);
    expect(await next.kept()).toEqual(lines.toSorted((a, b) => a.line - b.line));
    await expect(claim.keep([keptOf(5)])).rejects.toMatchObject({ code: "cancelled" });
    expect(await claim.finish({ completed: 9, failed: 9 })).toBe(false);
    await next.keep([keptOf(3)]);
    expect(await next.kept()).toHaveLength(4);
    expect(await next.finish({ completed: 10, failed: 1, cost: 0.5 })).toBe(true);
    expect(await one.findBatch(id)).toMatchObject({ counts: { completed: 10, failed: 1 }, cost: 0.5, shardsEnded: 1 });
  });

  it("count lines when they are kept, once each, and what the shard is in the end when it is finished", async () => {
    await using place = await create();
    const queue = await place.open();
    const { id, claim } = await hold(queue);
    const counts = async (): Promise<unknown> => {
      const batch = await queue.findBatch(id);
      return [batch?.counts.completed, batch?.counts.failed, batch?.cost];
    };
    await claim.keep([]);
    expect(await counts()).toEqual([0, 0, undefined]);
    await claim.keep([keptOf(0), keptOf(1, { isError: true })]);
    expect(await counts()).toEqual([1, 1, undefined]);
    await claim.keep([keptOf(0), keptOf(1, { isError: true }), keptOf(2, { cost: 0.25 })]);
    expect(await counts()).toEqual([2, 1, 0.25]);
    await claim.release();
    expect(await counts()).toEqual([2, 1, 0.25]);
    const next = await takenOf(queue);
    await next.finish({ completed: 2, failed: 2, cost: 0.5 });
    expect(await counts()).toEqual([2, 2, 0.5]);
  });

  it("of another shard know nothing of what was kept of this one", async () => {
    await using place = await create();
    const queue = await place.open();
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(12));
    const claims = [];
    for (let time = 0; time < 12; time++) claims.push(await takenOf(queue));
    await claims[1]?.keep([keptOf(0, { text: "of the second" })]);
    await claims[11]?.keep([keptOf(0, { text: "of the twelfth" })]);
    expect(await claims[1]?.kept()).toEqual([keptOf(0, { text: "of the second" })]);
    expect(await claims[0]?.kept()).toEqual([]);
  });

  it("keep long lines", async () => {
    await using place = await create();
    const queue = await place.open();
    const { claim } = await hold(queue);
    const lines = Array.from({ length: 40 }, (_, line) => keptOf(line, { text: String(line % 10).repeat(100_000) }));
    await claim.keep(lines);
    expect(await claim.kept()).toEqual(lines);
  });

  it("end with their queue, and are taken by another process at once", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const { claim } = await hold(one);
    await claim.keep([keptOf(0)]);
    const waiting = one.take(endless);
    await one.close();
    await one.close();
    expect(await waiting).toBeUndefined();
    expect(claim.lost.aborted).toBe(true);
    expect(await claim.finish({ completed: 1, failed: 0 })).toBe(false);
    expect(await one.take(endless)).toBeUndefined();
    const next = await takenOf(other);
    expect(await next.kept()).toEqual([keptOf(0)]);
  });

  it("last longer than a lease, as long as their worker lives", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const { claim } = await hold(one);
    for (const end = performance.now() + 7_000; performance.now() < end;)
      expect(await other.take(endless)).toBeUndefined();
    expect(claim.lost.aborted).toBe(false);
    expect(await claim.finish({ completed: 1, failed: 0 })).toBe(true);
  });
}

async function takenOf(queue: Queue): Promise<Claim> {
  const claim = await queue.take(endless);
  if (claim === undefined) throw new Error("nothing to take");
  return claim;
}
