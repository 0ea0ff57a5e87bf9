import { expect, it } from "vitest";

import { eventually } from "../../../../../test/support/eventually.ts";
import type { Claim, Queue } from "../../contract.ts";
import { batchOf, keptOf, shardsOf } from "../records.ts";
import type { CreatePlace } from "../queue-place.ts";
import { startWorker } from "../worker.ts";

const endless: AbortSignal = new AbortController().signal;

export function testLosses(create: CreatePlace): void {
  async function addBatch(queue: Queue, shards: number): Promise<string> {
    const batch = batchOf();
    await queue.saveBatch(batch);
    await queue.addShards(batch.id, shardsOf(shards));
    return batch.id;
  }

  it("give back what they held, with what they kept, each time", async () => {
    await using place = await create();
    const queue = await place.open();
    const id = await addBatch(queue, 1);
    // More often than a queue may count as a failure of the shard.
    for (let time = 0; time < 3; time++) {
      await using worker = startWorker(place.where, "hold");
      expect(await worker.said()).toEqual({ shard: 0 });
      await worker.kill();
      const claim = await takenOnceGone(queue);
      expect(await claim.kept()).toEqual([keptOf(0)]);
      // The line is kept once; what is given back is no death.
      expect(claim.deaths).toBe(time + 1);
      await claim.release();
    }
    const claim = await takenOnceGone(queue);
    expect(claim.deaths).toBe(3);
    await claim.keep([keptOf(1)]);
    await claim.release();
    const last = await takenOnceGone(queue);
    expect(last.deaths).toBe(0);
    await last.release();
    await using worker = startWorker(place.where, "suspect");
    expect(await worker.said()).toEqual({ deaths: 0 });
    await worker.kill();
    const suspected = await takenOnceGone(queue);
    expect(suspected).toMatchObject({ deaths: 1, suspicion: { doing: "asks", lines: [2, 3], deaths: 0 } });
    // Deaths are counted on while something is suspected.
    await suspected.keep([keptOf(2)]);
    await suspected.release();
    const again = await takenOnceGone(queue);
    expect(again.deaths).toBe(1);
    expect(await again.finish({ completed: 1, failed: 0 })).toBe(true);
    expect(await queue.findBatch(id)).toMatchObject({ counts: { completed: 1, failed: 0 }, shardsEnded: 1 });
  });

  it("learn that they lost their claim when they go on, and count nothing", async () => {
    await using place = await create();
    const queue = await place.open();
    const id = await addBatch(queue, 1);
    await using worker = startWorker(place.where, "hold");
    expect(await worker.said()).toEqual({ shard: 0 });
    worker.freeze();
    const claim = await takenOnceGone(queue);
    expect(await claim.kept()).toEqual([keptOf(0)]);
    worker.thaw();
    expect(await worker.said()).toEqual({ lost: true, keep: "refused", finished: false });
    expect(claim.lost.aborted).toBe(false);
    expect(await claim.kept()).toEqual([keptOf(0)]);
    // It had not died.
    expect(claim.deaths).toBe(1);
    await claim.release();
    await eventually(async () => {
      const again = await takenOnceGone(queue);
      await again.release();
      return again.deaths;
    }).toBe(0);
    const last = await takenOnceGone(queue);
    expect(await last.finish({ completed: 1, failed: 0 })).toBe(true);
    expect(await queue.findBatch(id)).toMatchObject({ counts: { completed: 1, failed: 0 }, shardsEnded: 1 });
  });
}

async function takenOnceGone(queue: Queue): Promise<Claim> {
  for (;;) {
    const claim = await queue.take(endless);
    if (claim !== undefined) return claim;
  }
}
