import fc from "fast-check";
import { expect, it } from "vitest";

import type { BatchFailure } from "../writing/batch-result.ts";
import { describeBatch } from "./batch-progress.ts";
import { customIdOf, readCustomId } from "./custom-id.ts";
import { Pace } from "./pace.ts";
import { inOrder } from "./results-of.ts";

it("finds the line and the caller's id in a custom_id again, whatever the id is", () => {
  const line = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(
      line,
      fc.option(fc.string({ unit: "grapheme" }), { nil: undefined }),
      fc.boolean(),
      (at, id, isLine) => {
        const isBatchLine = id !== undefined && isLine;
        const item = { line: at, ...(id !== undefined && { id }), isBatchLine };
        expect(readCustomId(customIdOf(item))).toEqual(item);
      },
    ),
  );
  for (const foreign of ["", "0", "x", "1x", "-1", "1.5", ":id"]) expect(readCustomId(foreign)).toBeUndefined();
});

it("puts failures into the order of their lines", async () => {
  const lines = fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }));
  await fc.assert(
    fc.asyncProperty(lines, fc.func(fc.boolean()), async (all, isFirst) => {
      const ascending = all.toSorted((one, other) => one - other);
      const merged: number[] = [];
      const failures = inOrder(
        failing(ascending.filter((at) => isFirst(at))),
        failing(ascending.filter((at) => !isFirst(at))),
      );
      for await (const { line } of failures) merged.push(line);
      expect(merged).toEqual(ascending);
    }),
  );
});

async function* failing(lines: readonly number[]): AsyncGenerator<BatchFailure> {
  for (const line of lines) yield { line, error: { code: "c", message: "m" } };
}

it("says how fast it goes over the last half minute", () => {
  const pace = new Pace();
  pace.add(0, 0);
  expect(pace.perSecond).toBeUndefined();
  pace.add(10, 100);
  expect(pace.perSecond).toBeUndefined();
  for (let second = 1; second <= 60; second++) pace.add(100 * second, second * 1_000);
  expect(pace.perSecond).toBeCloseTo(100, 6);
  for (let second = 61; second <= 120; second++) pace.add(6_000 + 10 * (second - 60), second * 1_000);
  expect(pace.perSecond).toBeCloseTo(10, 6);
});

it("says how far a batch is", () => {
  const progress = {
    done: 1_500,
    total: 6_000,
    failed: 2,
    pairsPerSecond: 1_234.5,
    secondsLeft: 5_000,
    cost: 0.12345,
    pausedFor: undefined,
  };
  expect(describeBatch(progress)).toBe("1,500 of 6,000 requests · 2 failed · 1,235 pairs/s · $0.123 · 83 min left");
  expect(describeBatch(progress, 120)).toMatch(/^█{5}░{15} 1,500 of/);
  expect(describeBatch({ ...progress, pausedFor: "no server answers" })).toMatch(/ · paused: no server answers$/);
});
