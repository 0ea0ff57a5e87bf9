import { expect, it } from "vitest";

import type { Claim, Queue } from "../../contract.ts";
import { batchOf, collected, partOf, shardsOf } from "../records.ts";
import type { CreatePlace } from "../queue-place.ts";

const endless: AbortSignal = new AbortController().signal;

export function testShards(create: CreatePlace): void {
  it("are taken once each, first to last, and then there are none", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const batch = batchOf();
    await one.saveBatch(batch);
    await one.addShards(batch.id, shardsOf(6));
    const claims = [];
    for (let time = 0; time < 3; time++) claims.push(await one.take(endless), await other.take(endless));
    expect(claims.map((claim) => claim?.shard)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(claims.map((claim) => claim?.part)).toEqual(shardsOf(6).map(({ part }) => part));
    expect(claims.every((claim) => claim?.batchId === batch.id)).toBe(true);
    expect(new Set(claims.map((claim) => claim?.attempt)).size).toBe(6);
    expect(await one.depth()).toEqual({ waiting: 0, running: 6 });
    expect(await one.take(endless)).toBeUndefined();
  });

  it("wait for nobody who no longer asks", async () => {
    await using place = await create();
    const queue = await place.open();
    const asking = new AbortController();
    const taken = queue.take(asking.signal);
    asking.abort();
    expect(await taken).toBeUndefined();
    expect(await queue.take(AbortSignal.abort())).toBeUndefined();
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(1));
    expect((await queue.take(endless))?.shard).toBe(0);
  });

  it("that are added while somebody waits are taken", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const waiting = one.take(endless);
    const batch = batchOf();
    await other.saveBatch(batch);
    await other.addShards(batch.id, shardsOf(1));
    // A busy machine may have let the first wait end.
    expect(((await waiting) ?? (await one.take(endless)))?.batchId).toBe(batch.id);
  });

  it("are not added to a batch that has ended", async () => {
    await using place = await create();
    const queue = await place.open();
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.changeBatch(batch.id, (found) => ({ ...found, status: "completed" }));
    await queue.addShards(batch.id, shardsOf(2));
    expect(await queue.depth()).toEqual({ waiting: 0, running: 0 });
    expect(await queue.take(endless)).toBeUndefined();
  });

  it("are added once, also when they run or have ended", async () => {
    await using place = await create();
    const queue = await place.open();
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(2));
    const [ended, running] = [await queue.take(endless), await queue.take(endless)];
    await ended?.finish({ completed: 1, failed: 0 });
    await queue.addShards(batch.id, shardsOf(3));
    await queue.addShards(batch.id, shardsOf(3));
    expect(await queue.depth()).toEqual({ waiting: 1, running: 1 });
    expect((await queue.take(endless))?.shard).toBe(2);
    expect(await running?.finish({ completed: 1, failed: 0 })).toBe(true);
    expect((await queue.findBatch(batch.id))?.shardsEnded).toBe(2);
    await queue.addShards("batch_unknown", shardsOf(1));
    expect(await queue.depth()).toEqual({ waiting: 0, running: 1 });
  });

  it("of several batches take turns", async () => {
    await using place = await create();
    const queue = await place.open();
    const [large, small] = [batchOf(), batchOf()];
    for (const batch of [large, small]) await queue.saveBatch(batch);
    await queue.addShards(large.id, shardsOf(50));
    const before = [await takenOf(queue), await takenOf(queue)];
    expect(before.every(({ batchId }) => batchId === large.id)).toBe(true);
    await queue.addShards(small.id, shardsOf(3));
    const taken = [];
    for (let time = 0; time < 8; time++) taken.push((await takenOf(queue)).batchId);
    // Whose turn is first is open; then one after the other, until the small one has none.
    expect(taken.slice(0, 6).filter((id) => id === small.id)).toHaveLength(3);
    expect(taken.slice(0, 2).toSorted()).toEqual([large.id, small.id].toSorted());
    expect(taken.slice(6)).toEqual([large.id, large.id]);
  });

  it("of an old batch do not wait for ever while new ones come", async () => {
    await using place = await create();
    const queue = await place.open();
    const old = batchOf();
    await queue.saveBatch(old);
    await queue.addShards(old.id, shardsOf(5));
    let ofOld = 0;
    for (let time = 0; time < 10; time++) {
      const fresh = batchOf();
      await queue.saveBatch(fresh);
      await queue.addShards(fresh.id, shardsOf(1));
      if ((await takenOf(queue)).batchId === old.id) ofOld++;
    }
    expect(ofOld).toBeGreaterThan(0);
  });

  it("of batches that a worker has paused are left to others", async () => {
    await using place = await create();
    const queue = await place.open();
    const [paused, other] = [batchOf(), batchOf()];
    for (const batch of [paused, other]) {
      await queue.saveBatch(batch);
      await queue.addShards(batch.id, shardsOf(2));
    }
    const except = new Set([paused.id, "batch_unknown"]);
    for (let time = 0; time < 2; time++) expect((await queue.take(endless, except))?.batchId).toBe(other.id);
    expect(await queue.take(endless, except)).toBeUndefined();
    expect(await queue.depth()).toEqual({ waiting: 2, running: 2 });
    expect((await queue.take(endless))?.batchId).toBe(paused.id);
  });

  it("give their results in the order of the input, however they ended", async () => {
    await using place = await create();
    const [queue, other] = [await place.open(), await place.open()];
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(12));
    const claims = [];
    for (let time = 0; time < 12; time++) claims.push(await takenOf(queue));
    for (const claim of claims.toReversed())
      if (claim.shard !== 7)
        await claim.finish({
          completed: 1,
          failed: 0,
          ...(claim.shard % 2 === 0 && { output: partOf(`output-${claim.shard}`) }),
          ...(claim.shard % 3 === 0 && { errors: partOf(`errors-${claim.shard}`) }),
        });
    const named = (kind: string, shards: readonly number[]): unknown =>
      shards.map((shard) => partOf(`${kind}-${shard}`));
    expect(await collected(other.resultsOf(batch.id, "output"))).toEqual(named("output", [0, 2, 4, 6, 8, 10]));
    expect(await collected(other.resultsOf(batch.id, "errors"))).toEqual(named("errors", [0, 3, 6, 9]));
    expect(await collected(other.resultsOf("batch_unknown", "errors"))).toEqual([]);
  });

  it("are forgotten with what was kept of them, and their batch stays as it is", async () => {
    await using place = await create();
    const queue = await place.open();
    const [batch, other] = [batchOf(), batchOf()];
    for (const { id } of [batch, other]) {
      await queue.saveBatch(id === batch.id ? batch : other);
      await queue.addShards(id, shardsOf(3));
    }
    const claims = [await takenOf(queue), await takenOf(queue), await takenOf(queue), await takenOf(queue)];
    const [ended, running] = claims.filter(({ batchId }) => batchId === batch.id);
    await ended?.finish({ completed: 4, failed: 1, output: partOf("a") });
    await running?.keep([{ line: 0, isError: false, text: "{}" }]);
    await queue.forgetShards(batch.id);
    await queue.forgetShards("batch_unknown");
    expect(await collected(queue.resultsOf(batch.id, "output"))).toEqual([]);
    expect(await queue.depth()).toEqual({ waiting: 1, running: 2 });
    expect(await running?.finish({ completed: 1, failed: 0 })).toBe(false);
    expect(await queue.findBatch(batch.id)).toMatchObject({ counts: { completed: 5, failed: 1 }, shardsEnded: 1 });
    expect((await queue.take(endless))?.batchId).toBe(other.id);
    expect(await queue.take(endless)).toBeUndefined();
  });

  it("are said to be left behind where their batch has ended and nobody has forgotten them", async () => {
    await using place = await create();
    const [queue, other] = [await place.open(), await place.open()];
    const batches = [batchOf(), batchOf(), batchOf()];
    for (const batch of batches) {
      await queue.saveBatch(batch);
      await queue.addShards(batch.id, shardsOf(2));
    }
    expect(await collected(other.unforgotten())).toEqual([]);
    const [first, second] = batches;
    for (const { id } of batches.slice(0, 2))
      await queue.changeBatch(id, (found) => ({ ...found, status: "completed" }));
    expect((await collected(other.unforgotten())).toSorted()).toEqual([first?.id, second?.id].toSorted());
    await queue.forgetShards(first?.id ?? "");
    expect(await collected(other.unforgotten())).toEqual([second?.id]);
  });

  it("may be thousands, of which each is taken and finished once by several who work at the same time", async () => {
    await using place = await create();
    const queues = [await place.open(), await place.open()];
    const [queue] = queues;
    const batch = batchOf();
    await queue?.saveBatch(batch);
    await queue?.addShards(batch.id, shardsOf(5_000));
    expect(await queue?.depth()).toEqual({ waiting: 5_000, running: 0 });
    const done: number[] = [];
    async function work(from: Queue): Promise<void> {
      while (done.length < 5_000) {
        const claim = await from.take(endless);
        if (claim === undefined) return;
        const { shard } = claim;
        if (await claim.finish({ completed: 2, failed: 1, cost: 0.5, output: partOf(`o-${shard}`) })) done.push(shard);
      }
    }
    await Promise.all(queues.flatMap((each) => [work(each), work(each), work(each), work(each)]));
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 5_000 }, (_, shard) => shard));
    expect(await queue?.findBatch(batch.id)).toMatchObject({
      counts: { completed: 10_000, failed: 5_000 },
      cost: 2_500,
      shardsEnded: 5_000,
    });
    const output = queue === undefined ? [] : await collected(queue.resultsOf(batch.id, "output"));
    expect(output.map(({ name }) => name)).toEqual(Array.from({ length: 5_000 }, (_, shard) => `o-${shard}`));
  });
}

async function takenOf(queue: Queue): Promise<Claim> {
  const claim = await queue.take(endless);
  if (claim === undefined) throw new Error("nothing to take");
  return claim;
}
