import { describe, expect, it } from "vitest";

import type { FilePart } from "../contract.ts";
import { contextOf } from "../fixtures/context-of.ts";
import { type Place, create, linesOf, openPlace, requestOf } from "../fixtures/place.ts";
import { writePart } from "../files/packed-part.ts";
import { checkInput } from "./check-input.ts";
import { finishBatch } from "./finish-batch.ts";

const { signal } = new AbortController();

describe("finishBatch", () => {
  it("makes one file whoever does it, several at one time too", async () => {
    await using place = await openPlace();
    const id = await endAllShards(place);
    await place.store.write(`parts/${id}/0000001-stray-output.gz`, Buffer.from("of an attempt that died"));
    await Promise.all(Array.from({ length: 5 }, () => finishBatch(contextOf(place), id)));
    const batch = await place.batches.batches.find(id);
    expect(batch).toMatchObject({ status: "completed", counts: { total: 2_001, completed: 2_001, failed: 0 } });
    expect(await place.batches.files.list({ limit: 10, purpose: "batch_output" })).toHaveLength(1);
    expect(await linesOf(place.batches, batch?.outputFileId)).toEqual([{ shard: 1 }, { shard: 2 }, { shard: 3 }]);
    const stored: string[] = [];
    for await (const { name } of place.store.list(`parts/${id}/`)) stored.push(name);
    expect(stored).toHaveLength(3);
  });

  it("goes on where a process died in the middle", async () => {
    await using place = await openPlace();
    const id = await endAllShards(place);
    let changes = 0;
    const dying = {
      ...place.queue,
      changeBatch: async (...change: Parameters<typeof place.queue.changeBatch>) => {
        if (++changes > 1) throw new Error("killed");
        return await place.queue.changeBatch(...change);
      },
    };
    await expect(finishBatch(contextOf(place, { queue: dying }), id)).rejects.toThrow("killed");
    expect(await place.batches.batches.find(id)).toMatchObject({ status: "finalizing" });
    await finishBatch(contextOf(place), id);
    expect(await place.batches.batches.find(id)).toMatchObject({ status: "completed" });
    expect(await place.batches.files.list({ limit: 10, purpose: "batch_output" })).toHaveLength(1);
  });

  it("does nothing while shards run", async () => {
    await using place = await openPlace();
    const batch = await create(place.batches, [requestOf("a")]);
    await finishBatch(contextOf(place), batch.id);
    expect(await place.batches.batches.find(batch.id)).toEqual(batch);
  });
});

/** Checked and ended by hand: each shard has one line of output, which counts for all of its lines. */
async function endAllShards(place: Place): Promise<string> {
  const context = contextOf(place);
  const batch = await create(
    place.batches,
    Array.from({ length: 2_001 }, (_, number) => requestOf(`id-${number}`)),
  );
  await checkInput(context, batch, signal);
  for (let ended = 0; ended < 4; ended++) {
    const claim = await place.queue.take(signal);
    if (!claim) throw new Error("there is no shard to take");
    const { shard, part } = claim;
    const line = Buffer.from(`${JSON.stringify({ shard })}\n`);
    const output: FilePart | undefined =
      shard === 0
        ? undefined
        : { ...(await writePart(context, `parts/${batch.id}/${shard}-output.gz`, line, 1)), lines: part.lines };
    await claim.finish({ ...(output && { output }), completed: part.lines, failed: 0 });
  }
  return batch.id;
}
