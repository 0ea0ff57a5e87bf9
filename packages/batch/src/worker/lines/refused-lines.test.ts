import { describe, expect, it } from "vitest";

import { eventually } from "../../../../../test/support/eventually.ts";
import type { BatchRecord } from "../../contract.ts";
import { type Place, create, linesOf, openPlace, requestOf } from "../../fixtures/place.ts";
import type { BatchLine, RankLine } from "../work-options.ts";

/** As long as a test has, in place of minutes. */
const patience = { tries: 3, firstWait: 10 };

describe("a line that servers refuse", () => {
  it.each([
    ["a status", { status: 503, body: { error: { message: "too hard" } }, requestId: "r" }],
    ["a status after a long time", { status: 504, body: {}, requestId: "r" }],
    ["a refusal that pauses", { status: 503, body: {}, requestId: "r", retryLater: "overloaded", isRefusal: true }],
  ])("with %s, while they serve others, becomes its own error with that answer", async (_what, refusal) => {
    await using place = await openPlace();
    const { id } = await create(place.batches, ["poison", ...numbered(40)].map(requestOf));
    let asked = 0;
    const rankLine: RankLine = async ({ body }) => {
      if (queryOf(body) !== "poison") return { status: 200, body };
      asked++;
      return refusal;
    };
    await using _ = place.batches.work({ rankLine, concurrency: 2, patience });
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({ status: "completed", counts: { total: 41, completed: 40, failed: 1 } });
    expect(await linesOf(place.batches, batch.errorFileId)).toMatchObject([
      { custom_id: "poison", response: { status_code: refusal.status, request_id: "r", body: refusal.body } },
    ]);
    // Refusals before anything was served do not count.
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(asked).toBeLessThan(10);
  });

  it("and that is the last one is told from servers that are down by asking one again that was answered, past the cache", async () => {
    await using place = await openPlace();
    const { id } = await create(place.batches, ["short", "poison"].map(requestOf));
    let answered = 0;
    const witnesses: unknown[] = [];
    const rankLine: RankLine = async ({ body }) => {
      if (queryOf(body) === "poison") {
        // It comes to its end when nothing else is left to be served.
        await eventually(async () => answered).toBe(1);
        return { status: 503, body: {} };
      }
      if (isObject(body) && "cache" in body) witnesses.push(body.cache);
      else answered++;
      return { status: 200, body };
    };
    await using _ = place.batches.work({ rankLine, patience });
    const batch = await endOf(place, id);
    expect(batch.counts).toEqual({ total: 2, completed: 1, failed: 1 });
    expect(idsOf(await linesOf(place.batches, batch.outputFileId))).toEqual(["short"]);
    expect(witnesses.length).toBeGreaterThan(0);
    expect(witnesses.every((cache) => isObject(cache) && "no-cache" in cache && cache["no-cache"])).toBe(true);
  });

  it("among several that are the last ones is told by one that is asked again for all of them, which the batch pays for", async () => {
    await using place = await openPlace();
    const poison = numbered(20).map((id) => `poison-${id}`);
    const { id } = await create(place.batches, [...poison, ...numbered(20)].map(requestOf));
    let answered = 0;
    let askedAgain = 0;
    const round: (() => void)[] = [];
    const rankLine: RankLine = async ({ body }) => {
      if (!queryOf(body).startsWith("poison")) {
        if (isObject(body) && "cache" in body) askedAgain++;
        else answered++;
        return { status: 200, body, cost: 1 };
      }
      // All of them are refused together, when nothing else is left to be served.
      const all = new Promise<void>((resolve) => round.push(resolve));
      if (round.length === poison.length) {
        await eventually(async () => answered).toBe(20);
        for (const refuse of round.splice(0)) refuse();
      }
      await all;
      return { status: 503, body: {} };
    };
    await using _ = place.batches.work({ rankLine, patience });
    const batch = await endOf(place, id);
    expect(batch.counts).toEqual({ total: 40, completed: 20, failed: 20 });
    expect(askedAgain).toBeGreaterThan(0);
    expect(askedAgain).toBeLessThanOrEqual(patience.tries);
    expect(batch.cost).toBe(20 + askedAgain);
  });

  it.each([
    ["says so", { status: 503, body: {}, retryLater: "Every deployment is down.", isRefusal: true }, /down/],
    ["only refuses", { status: 503, body: {} }, /refused with status 503/],
  ])(
    "is no error while no server serves anybody, and the batch pauses: the model %s",
    async (_what, refusal, reason) => {
      await using place = await openPlace();
      const { id } = await create(place.batches, numbered(3).map(requestOf));
      let isDown = false;
      let isOver = false;
      let refusals = 0;
      const rankLine: RankLine = async ({ body }: BatchLine) => {
        isDown ||= queryOf(body) === "id-2";
        if (!isDown || isOver) return { status: 200, body };
        if (queryOf(body) === "id-2") refusals++;
        return refusal;
      };
      await using _ = place.batches.work({ rankLine, concurrency: 1, patience: { ...patience, tries: 2 } });
      await eventually(async () => (await place.batches.batches.find(id))?.pausedFor).toMatch(reason);
      // More often than a line may be whose model serves others.
      await eventually(async () => refusals).toBeGreaterThan(2);
      expect((await place.batches.batches.find(id))?.counts.failed).toBe(0);
      isOver = true;
      const batch = await endOf(place, id);
      expect(batch).toMatchObject({ status: "completed", counts: { completed: 3, failed: 0 } });
      expect(batch.pausedFor).toBeUndefined();
    },
  );

  it("is asked on while it waits for a place among too many requests, however often", async () => {
    await using place = await openPlace();
    const { id } = await create(place.batches, numbered(10).map(requestOf));
    let refusals = 0;
    const rankLine: RankLine = async ({ body }) =>
      queryOf(body) === "id-3" && refusals++ < 8 ? { status: 429, body: {} } : { status: 200, body };
    await using _ = place.batches.work({ rankLine, patience: { ...patience, tries: 2 } });
    expect((await endOf(place, id)).counts).toEqual({ total: 10, completed: 10, failed: 0 });
  });
});

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `id-${number}`);
}

function queryOf(body: unknown): string {
  return isObject(body) && "query" in body ? String(body.query) : "";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function idsOf(lines: readonly unknown[]): readonly unknown[] {
  return lines.map((line) => (isObject(line) && "custom_id" in line ? line.custom_id : undefined));
}

async function endOf({ batches }: Place, id: string): Promise<BatchRecord> {
  await eventually(async () => (await batches.batches.find(id))?.status).toBe("completed");
  const batch = await batches.batches.find(id);
  if (!batch) throw new Error("the batch is gone");
  return batch;
}
