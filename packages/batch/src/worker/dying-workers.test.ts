import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import type { Claim, Queue } from "../contract.ts";
import { create, linesOf, openPlace, requestOf } from "../fixtures/place.ts";

describe("workers that die", () => {
  it("leave each line exactly once in the output or the errors, whenever they die", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2_300 }),
        fc.array(fc.constantFrom<Death>("lives", "before", "after"), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        async (lines, deaths, workers) => {
          const turns = deaths.values();
          await using place = await openPlace({
            withQueue: (queue) => dyingAt(queue, () => turns.next().value ?? "lives"),
          });
          const ids = Array.from({ length: lines }, (_, number) => `id-${number}`);
          const { id } = await create(place.batches, ids.map(requestOf));
          const works = Array.from({ length: workers }, () =>
            place.batches.work({
              rankLine: async ({ body }) => ({ status: JSON.stringify(body).includes("7") ? 422 : 200, body: {} }),
            }),
          );
          await eventually(async () => (await place.batches.batches.find(id))?.status).toBe("completed");
          await Promise.all(works.map(async (work) => await work.close()));
          const batch = await place.batches.batches.find(id);
          const failed = ids.filter((each) => each.includes("7"));
          expect(batch?.counts).toEqual({ total: lines, completed: lines - failed.length, failed: failed.length });
          expect(customIds(await linesOf(place.batches, batch?.errorFileId))).toEqual(failed);
          expect(customIds(await linesOf(place.batches, batch?.outputFileId))).toEqual(
            ids.filter((each) => !each.includes("7")),
          );
          // What attempts that died have written is gone.
          const stored: string[] = [];
          for await (const { name } of place.store.list(`parts/${id}/`)) stored.push(name);
          const named: string[] = [];
          for (const fileId of [batch?.outputFileId, batch?.errorFileId]) {
            if (fileId === undefined) continue;
            for await (const { name } of place.queue.partsOf(fileId)) named.push(name);
          }
          expect(stored.toSorted()).toEqual(named.toSorted());
        },
      ),
      { numRuns: 10 },
    );
  });
});

/** What becomes of a worker at one step: it goes on, or dies before the step or after it and hears of nothing. */
type Death = "lives" | "before" | "after";

/** A queue whose claims are dropped in the middle of what their workers do; the claims of a dead worker are given back. */
function dyingAt(queue: Queue, next: () => Death): Queue {
  return {
    ...queue,
    take: async (signal, except) => {
      const claim = await queue.take(signal, except);
      return claim && dying(claim, next);
    },
  };
}

function dying(claim: Claim, next: () => Death): Claim {
  const dead = new AbortController();
  const step = async <T>(act: () => Promise<T>): Promise<T> => {
    dead.signal.throwIfAborted();
    const death = next();
    if (death === "before") await die();
    const done = await act();
    if (death === "after") await die();
    return done;
  };
  const die = async (): Promise<never> => {
    dead.abort(new Error("dead"));
    await claim.release();
    throw dead.signal.reason;
  };
  return {
    batchId: claim.batchId,
    shard: claim.shard,
    part: claim.part,
    attempt: claim.attempt,
    lost: AbortSignal.any([claim.lost, dead.signal]),
    deaths: claim.deaths,
    suspicion: claim.suspicion,
    suspect: async (suspicion) => await step(async () => await claim.suspect(suspicion)),
    kept: async () => await step(async () => await claim.kept()),
    keep: async (lines) => await step(async () => await claim.keep(lines)),
    finish: async (result) => await step(async () => await claim.finish(result)),
    release: async () => await claim.release(),
  };
}

function customIds(lines: readonly unknown[]): readonly unknown[] {
  return lines.map((line) =>
    typeof line === "object" && line !== null && "custom_id" in line ? line.custom_id : line,
  );
}
