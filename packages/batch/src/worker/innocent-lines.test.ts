import { setTimeout as wait } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import type { BatchRecord } from "../contract.ts";
import { mortalQueue } from "../fixtures/mortal-queue.ts";
import { type Place, create, linesOf, openPlace, requestOf } from "../fixtures/place.ts";
import type { RankLine } from "./work-options.ts";

describe("where a line of one batch kills each process that asks it,", () => {
  it("the lines of all others are answered, however often their own wait in such a process", async () => {
    const mortal = mortalQueue();
    await using place = await openPlace({ withQueue: mortal.wrap });
    const deadly = await create(place.batches, [requestOf("deadly")]);
    const others = await Promise.all(
      Array.from({ length: 8 }, (_, number) => create(place.batches, threeOf(number).map(requestOf))),
    );
    // Whoever is asked first in a process dies with it, unless nothing else is asked meanwhile.
    await using _ = place.batches.work({ rankLine: deadlyAfter(20, 60, mortal.die), concurrency: 8 });
    for (const [number, { id }] of others.entries()) {
      const batch = await endOf(place, id);
      expect(batch.counts).toEqual({ total: 3, completed: 3, failed: 0 });
      expect(idsOf(await linesOf(place.batches, batch.outputFileId))).toEqual(threeOf(number));
    }
    const batch = await endOf(place, deadly.id);
    expect(await linesOf(place.batches, batch.errorFileId)).toMatchObject([
      { custom_id: "deadly", error: { code: "worker_lost" } },
    ]);
    // Two until it is asked with caution, three by itself.
    expect(mortal.deaths()).toBe(5);
  });

  it("a batch whose check such processes never end is checked all the same", async () => {
    const mortal = mortalQueue();
    let slowFile: string | undefined;
    await using place = await openPlace({
      withQueue: mortal.wrap,
      withStore: (store) => ({
        ...store,
        write: async (name, bytes) => await store.write(name, bytes),
        read: async (name) => {
          if (slowFile !== undefined && name.includes(slowFile)) await wait(600);
          return await store.read(name);
        },
        remove: async (names) => await store.remove(names),
        list: (prefix) => store.list(prefix),
        close: async () => await store.close(),
      }),
    });
    const deadly = await create(place.batches, [requestOf("deadly")]);
    const other = await create(place.batches, threeOf(1).map(requestOf));
    slowFile = other.inputFileId;
    await using _ = place.batches.work({ rankLine: deadlyAfter(20, 0, mortal.die), concurrency: 8 });
    const batch = await endOf(place, other.id);
    expect(batch).toMatchObject({ status: "completed", problems: [], counts: { total: 3, completed: 3, failed: 0 } });
    expect((await endOf(place, deadly.id)).counts).toEqual({ total: 1, completed: 0, failed: 1 });
  });

  it("and so do many of its lines, it fails after some, with the answers that it has", async () => {
    const mortal = mortalQueue();
    await using place = await openPlace({ withQueue: mortal.wrap });
    const ids = [...threeOf(1), ...Array.from({ length: 40 }, (_, number) => `deadly-${number}`)];
    const { id } = await create(place.batches, ids.map(requestOf));
    await using _ = place.batches.work({ rankLine: deadlyAfter(5, 0, mortal.die), concurrency: 2 });
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({
      status: "failed",
      counts: { total: 43, completed: 3, failed: 40 },
      problems: [{ code: "worker_lost", message: expect.stringContaining("20 of its lines") }],
    });
    expect(batch.failedAt).toBeGreaterThan(batch.createdAt);
    expect(idsOf(await linesOf(place.batches, batch.outputFileId))).toEqual(threeOf(1));
    expect(idsOf(await linesOf(place.batches, batch.errorFileId))).toEqual(ids.slice(3));
    // Two until it is asked with caution, and for each of the twenty one with others and three alone, at most.
    expect(mortal.deaths()).toBeLessThanOrEqual(82);
  });
});

function threeOf(number: number): readonly string[] {
  return [`x-${number}`, `y-${number}`, `z-${number}`];
}

/** @param deadly milliseconds until the process dies of it @param others until they are answered */
function deadlyAfter(deadly: number, others: number, die: () => void): RankLine {
  return async ({ body, signal }) => {
    const isDeadly = JSON.stringify(body).includes("deadly");
    await wait(isDeadly ? deadly : others, undefined, { signal });
    if (isDeadly) die();
    signal.throwIfAborted();
    return { status: 200, body: {} };
  };
}

async function endOf(place: Place, id: string): Promise<BatchRecord> {
  const find = async (): Promise<BatchRecord | undefined> => await place.batches.batches.find(id);
  await eventually(async () => ["completed", "failed"].includes((await find())?.status ?? "")).toBe(true);
  const batch = await find();
  if (!batch) throw new Error("the batch is gone");
  return batch;
}

function idsOf(lines: readonly unknown[]): readonly unknown[] {
  return lines.map((line) =>
    typeof line === "object" && line !== null && "custom_id" in line ? line.custom_id : undefined,
  );
}
