import { setImmediate as settled } from "node:timers/promises";

import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";

import { BodyBudget, type BodyLimits, type BodyRoom, smallBody } from "./body-budget.ts";

const megabyte = 1_000_000;
const limits: BodyLimits = { bytes: 8 * megabyte, share: 1 / 2 };

describe("BodyBudget", () => {
  it("never lets bodies take more than there is, and lets every one in at last", async () => {
    const bodies = fc.array(
      fc.record({ name: fc.constantFrom("a", "b", "c"), bytes: fc.integer({ min: 1, max: 4 * megabyte }) }),
      { minLength: 1, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(bodies, fc.infiniteStream(fc.nat()), async (all, choices) => {
        const budget = new BodyBudget();
        const inside: Body[] = [];
        let admitted = 0;
        for (const body of all) {
          const entered = enter(budget, body);
          void entered.then((held) => {
            admitted++;
            inside.push(held);
          });
        }
        for (;;) {
          await settled();
          expect(sum(inside)).toBeLessThanOrEqual(limits.bytes);
          for (const name of ["a", "b", "c"]) {
            const own = inside.filter((body) => body.name === name && body.bytes > smallBody);
            if (own.length > 1) expect(sum(own)).toBeLessThanOrEqual(limits.bytes / 2);
          }
          const leaving = inside.splice(choices.next().value % Math.max(1, inside.length), 1);
          if (leaving.length === 0) break;
          for (const { room } of leaving) room.leave();
        }
        expect(admitted).toBe(all.length);
        expect([budget.small.bytes, budget.large.bytes]).toEqual([0, 0]);
      }),
    );
  });

  it("lets a body grow where there is room, and refuses it at once where there is none", async () => {
    const budget = new BodyBudget();
    const { room } = await enter(budget, { name: "a", bytes: 1_000 });
    room.grow(999);
    expect([budget.small.bytes, budget.large.bytes]).toEqual([1_000, 0]);
    room.grow(2 * megabyte);
    expect([budget.small.bytes, budget.large.bytes]).toEqual([0, 2 * megabyte]);

    const { room: second } = await enter(budget, { name: "a", bytes: 1_000 });
    expect(() => second.grow(2 * megabyte)).toThrow(expect.objectContaining({ code: "rate_limited", retryAfter: 5 }));
    expect([budget.small.bytes, budget.large.bytes]).toEqual([1_000, 2 * megabyte]);
    room.leave();
    second.grow(2 * megabyte);
    second.leave();
    expect([budget.small.bytes, budget.large.bytes]).toEqual([0, 0]);
  });

  it("takes nothing any more for a request that was answered while its body waited", async () => {
    const budget = new BodyBudget();
    const { room: first } = await enter(budget, { name: "a", bytes: 7 * megabyte });
    const ended = budget.room("b", limits, () => new AbortController().signal);
    await ended.take(smallBody);
    const waiting = ended.take(4 * megabyte);
    ended.leave();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    first.leave();
    expect([budget.small.bytes, budget.large.bytes]).toEqual([0, 0]);
  });

  it("lets no body wait whose client has gone away already", async () => {
    const budget = new BodyBudget();
    const { room } = await enter(budget, { name: "a", bytes: 7 * megabyte });
    const late = budget.room("b", limits, () => AbortSignal.abort());
    await expect(late.take(4 * megabyte)).rejects.toMatchObject({ code: "cancelled" });
    room.leave();
    expect([budget.small.bytes, budget.large.bytes]).toEqual([0, 0]);
  });

  it("lets a body that takes more than everything go alone", async () => {
    const budget = new BodyBudget();
    const { room } = await enter(budget, { name: "a", bytes: 3 * megabyte });
    room.grow(20 * megabyte);
    expect(budget.large.bytes).toBe(20 * megabyte);
    room.leave();
  });

  it("never makes a small body wait behind the large ones of another key", async () => {
    const budget = new BodyBudget();
    const flood = Array.from({ length: 50 }, () => enter(budget, { name: "a", bytes: 2 * megabyte }));
    flood.push(...Array.from({ length: 50 }, () => enter(budget, { name: "b", bytes: 2 * megabyte })));
    for (const body of flood) body.catch(() => {});
    await settled();
    expect(budget.large.bytes).toBe(4 * megabyte);
    expect(budget.room("c", limits, noSignal).take(smallBody)).toBeUndefined();
    expect(budget.room("a", limits, noSignal).take(smallBody)).toBeUndefined();
  });

  it("gives a key that comes second the next room that comes free", async () => {
    const budget = new BodyBudget();
    const first = await enter(budget, { name: "a", bytes: 3 * megabyte });
    await enter(budget, { name: "b", bytes: 3 * megabyte });
    const order: string[] = [];
    for (const name of ["a", "a", "a", "c"])
      void enter(budget, { name, bytes: 3 * megabyte }).then(({ room }) => {
        order.push(name);
        room.leave();
      });
    await settled();
    expect(order).toEqual([]);
    first.room.leave();
    await expect.poll(() => order.slice(0, 2)).toEqual(["a", "c"]);
  });

  it("lets a body alone in that is larger than everything", async () => {
    const budget = new BodyBudget();
    const { room } = await enter(budget, { name: "a", bytes: 32 * megabyte });
    const second = enter(budget, { name: "b", bytes: 32 * megabyte });
    await settled();
    expect(budget.large.bytes).toBe(32 * megabyte);
    room.leave();
    await second;
  });

  it("gives back what a body without an announced length did not need", async () => {
    const budget = new BodyBudget();
    const room = budget.room("a", limits, noSignal);
    await room.take(smallBody);
    await room.take(4 * megabyte);
    expect([budget.small.bytes, budget.large.bytes]).toEqual([0, 4 * megabyte]);
    const other = enter(budget, { name: "b", bytes: 4 * megabyte });
    await settled();
    expect(budget.large.bytes).toBe(4 * megabyte);
    room.shrink(megabyte);
    await other;
    room.leave();
    expect(budget.large.bytes).toBe(4 * megabyte);
  });

  it("refuses with the time to wait when room does not come free in time", async () => {
    vi.useFakeTimers();
    try {
      const budget = new BodyBudget();
      await enter(budget, { name: "a", bytes: 6 * megabyte });
      const refused = expect(enter(budget, { name: "b", bytes: 6 * megabyte })).rejects.toMatchObject({
        code: "rate_limited",
        retryAfter: 5,
        message: expect.stringContaining("general_settings.max_request_memory_mb"),
      });
      await vi.advanceTimersByTimeAsync(30_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  it("forgets a body whose client goes away while it waits", async () => {
    const budget = new BodyBudget();
    const { room } = await enter(budget, { name: "a", bytes: 6 * megabyte });
    const client = new AbortController();
    const gone = budget.room("b", limits, () => client.signal).take(6 * megabyte);
    const next = enter(budget, { name: "c", bytes: 6 * megabyte });
    client.abort();
    await expect(gone).rejects.toMatchObject({ code: "cancelled" });
    room.leave();
    await next;
  });
});

interface Body {
  readonly name: string;
  readonly bytes: number;
  readonly room: BodyRoom;
}

async function enter(budget: BodyBudget, { name, bytes }: Omit<Body, "room">): Promise<Body> {
  const room = budget.room(name, limits, noSignal);
  await room.take(bytes);
  return { name, bytes, room };
}

function sum(bodies: readonly Body[]): number {
  return bodies.reduce((bytes, body) => bytes + body.bytes, 0);
}

function noSignal(): AbortSignal {
  return new AbortController().signal;
}
