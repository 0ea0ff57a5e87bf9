import { describe, expect, it } from "vitest";

import type { BatchRecord } from "../contract.ts";
import { contextOf } from "../fixtures/context-of.ts";
import { type Place, create, openPlace, requestOf } from "../fixtures/place.ts";
import { checkInput } from "./check-input.ts";

const requests = Array.from({ length: 2_001 }, (_, number) => requestOf(`id-${number}`));
const { signal } = new AbortController();

describe("checkInput", () => {
  it("adds a shard for each part, once, also when it is done again", async () => {
    await using place = await openPlace();
    const batch = await create(place.batches, requests);
    await checkInput(contextOf(place), batch, signal);
    await checkInput(contextOf(place), batch, signal);
    const checked = await find(place, batch.id);
    expect(checked).toMatchObject({ status: "in_progress", shards: 4, counts: { total: 2_001 } });
    expect(await place.queue.depth()).toEqual({ waiting: 4, running: 0 });
    await checkInput(contextOf(place), checked, signal);
    expect(await place.queue.depth()).toEqual({ waiting: 4, running: 0 });
  });

  it("adds what a process that died had not added", async () => {
    await using place = await openPlace();
    const batch = await create(place.batches, requests);
    const dying = {
      ...place.queue,
      addShards: () => Promise.reject(new Error("killed")),
    };
    await expect(checkInput(contextOf(place, { queue: dying }), batch, signal)).rejects.toThrow("killed");
    expect(await place.queue.depth()).toEqual({ waiting: 1, running: 0 });
    await checkInput(contextOf(place), await find(place, batch.id), signal);
    expect(await place.queue.depth()).toEqual({ waiting: 4, running: 0 });
  });

  it("leaves a batch alone that was cancelled meanwhile", async () => {
    await using place = await openPlace();
    const batch = await create(place.batches, requests);
    await place.batches.batches.cancel(batch.id);
    await checkInput(contextOf(place), batch, signal);
    expect(await find(place, batch.id)).toMatchObject({ status: "cancelling", shards: 1 });
  });

  it("lists a hundred broken lines, and counts them all", async () => {
    await using place = await openPlace();
    const batch = await create(place.batches, [requestOf("good"), ...Array.from({ length: 150 }, () => "{")]);
    await checkInput(contextOf(place), batch, signal);
    const checked = await find(place, batch.id);
    expect(checked).toMatchObject({ status: "in_progress", counts: { total: 151 } });
    expect(checked.problems.map(({ line }) => line)).toEqual(Array.from({ length: 100 }, (_, number) => number + 2));
  });

  it("says which model all lines ask for, and none where they ask for several", async () => {
    await using place = await openPlace();
    const ofModel = (model: string): object => ({ ...requestOf(model), body: { model, query: "q", documents: ["a"] } });
    for (const [lines, model] of [
      [[requestOf("1"), requestOf("2"), "{"], "m"],
      [[ofModel("m"), ofModel("n"), ofModel("o")], undefined],
    ] as const) {
      const batch = await create(place.batches, lines);
      expect(batch.model).toBeUndefined();
      await checkInput(contextOf(place), batch, signal);
      expect((await find(place, batch.id)).model).toBe(model);
    }
  });

  it("ends with the signal's reason", async () => {
    await using place = await openPlace();
    const batch = await create(place.batches, requests);
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(checkInput(contextOf(place), batch, aborted)).rejects.toThrow("enough");
    expect(await find(place, batch.id)).toMatchObject({ status: "validating" });
  });
});

async function find({ queue }: Place, id: string): Promise<BatchRecord> {
  const batch = await queue.findBatch(id);
  if (!batch) throw new Error("the batch is gone");
  return batch;
}
