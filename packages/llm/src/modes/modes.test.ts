import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { inParallel } from "./in-parallel.ts";
import { type RankWindow, slideWindow } from "./listwise.ts";
import { holdTournament } from "./tournament.ts";

const { signal } = new AbortController();

/** A model that judges alike every time: the document with the smallest key is the best. Notes the sizes of its windows. */
function judge(keys: readonly number[]) {
  const sizes: number[] = [];
  const rank: RankWindow = async (indices) => {
    sizes.push(indices.length);
    return indices.toSorted((one, other) => (keys[one] ?? 0) - (keys[other] ?? 0));
  };
  return { rank, sizes };
}

const keys = fc.integer({ min: 1, max: 120 }).chain((count) =>
  fc.shuffledSubarray(
    Array.from({ length: count }, (_, index) => index),
    { minLength: count },
  ),
);
const window = fc.integer({ min: 2, max: 25 });

describe("a sliding window", () => {
  it.each([
    [1, 1],
    [20, 1],
    [21, 2],
    [30, 2],
    [31, 3],
    [50, 4],
    [100, 9],
  ])("takes over %i documents %i prompts", async (count, prompts) => {
    const { rank, sizes } = judge(Array.from({ length: count }, (_, index) => -index));
    await slideWindow(count, { window: 20, step: 10, passes: 1 }, signal, rank);
    expect(sizes).toHaveLength(prompts);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(20);
  });

  test("keeps each document once, and brings the best of them to the top", async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        window,
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 3 }),
        async (order, size, by, passes) => {
          const step = Math.min(by, size - 1);
          const { rank } = judge(order);
          const ranked = await slideWindow(order.length, { window: size, step, passes }, signal, rank);
          expectOnce(ranked, order.length);
          expectBest(ranked, order, Math.min(order.length, size - step));
        },
      ),
    );
  });

  it("sorts everything with enough passes, and stops when nothing changes", async () => {
    const { rank, sizes } = judge(Array.from({ length: 40 }, (_, index) => -index));
    const ranked = await slideWindow(40, { window: 20, step: 10, passes: 10 }, signal, rank);
    expect(ranked).toEqual(Array.from({ length: 40 }, (_, index) => 39 - index));
    expect(sizes.length).toBeLessThan(10 * 3);
  });
});

describe("a tournament", () => {
  it.each([
    [1, 1, 1],
    [20, 1, 1],
    [21, 3, 2],
    [50, 6, 3],
    [100, 11, 4],
  ])("takes over %i documents %i prompts in %i steps", async (count, prompts, steps) => {
    const { rank, sizes } = judge(Array.from({ length: count }, (_, index) => -index));
    let running = 0;
    let begun = 0;
    await holdTournament(count, { window: 20, maxParallel: 8 }, signal, async (indices, own) => {
      if (running++ === 0) begun++;
      await Promise.resolve();
      const ranked = await rank(indices, own);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return ranked;
    });
    expect(sizes).toHaveLength(prompts);
    expect(begun).toBe(steps);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(20);
  });

  test("keeps each document once, and brings the best half of a window to the top", async () => {
    await fc.assert(
      fc.asyncProperty(keys, window, async (order, size) => {
        const { rank } = judge(order);
        const ranked = await holdTournament(order.length, { window: size, maxParallel: 8 }, signal, rank);
        expectOnce(ranked, order.length);
        expectBest(ranked, order, Math.min(order.length, Math.floor(size / 2)));
      }),
    );
  });
});

describe("exchanges at one time", () => {
  it("are no more than it was told, and their results come in order", async () => {
    let running = 0;
    let most = 0;
    const items = Array.from({ length: 100 }, (_, index) => index);
    const results = await inParallel(items, 16, signal, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return item * 2;
    });
    expect(results).toEqual(items.map((item) => item * 2));
    expect(most).toBe(16);
  });

  it("are given up when one of them fails, and its error is the one that is told", async () => {
    const aborted: number[] = [];
    const begun: number[] = [];
    const run = inParallel(
      Array.from({ length: 40 }, (_, index) => index),
      16,
      signal,
      async (item, own) => {
        begun.push(item);
        if (item === 3) throw new Error("the first");
        await new Promise((_, reject) => {
          own.addEventListener("abort", () => {
            aborted.push(item);
            reject(new Error("another"));
          });
        });
      },
    );
    await expect(run).rejects.toThrow("the first");
    expect(begun).toHaveLength(16);
    expect(aborted).toHaveLength(15);
  });
});

function expectOnce(ranked: readonly number[], count: number): void {
  expect(ranked.toSorted((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, index) => index));
}

function expectBest(ranked: readonly number[], order: readonly number[], most: number): void {
  const best = order.map((_, index) => index).toSorted((one, other) => (order[one] ?? 0) - (order[other] ?? 0));
  expect(ranked.slice(0, most)).toEqual(best.slice(0, most));
}
