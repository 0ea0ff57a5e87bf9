import fc from "fast-check";
import { expect, it } from "vitest";

import { type SpanName, bucketsOf, spanNamed, spans } from "./span.ts";

const day = 86_400_000;
const names: readonly SpanName[] = ["7d", "30d", "90d", "1y"];

it("ends today, and leaves out no day and counts none twice", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.integer({ min: Date.UTC(1999, 0, 1), max: Date.UTC(2099, 0, 1) }),
      (name, now) => {
        const buckets = bucketsOf(name, now);
        expect(buckets.at(-1)?.to).toBe(new Date(now).toISOString().slice(0, 10));
        for (const [index, { from, to }] of buckets.entries()) {
          expect(from <= to).toBe(true);
          const next = buckets[index + 1];
          if (next) expect(Date.parse(next.from) - Date.parse(to)).toBe(day);
        }
      },
    ),
  );
});

it.each([
  ["7d", 7, "21 Nov", "27 Nov"],
  ["30d", 30, "29 Oct", "27 Nov"],
  ["90d", 13, "Week from 31 Aug", "Week from 23 Nov"],
  ["1y", 12, "Dec 2025", "Nov 2026"],
] as const)("shows %s as %i bars", (name, count, first, last) => {
  const buckets = bucketsOf(name, Date.UTC(2026, 10, 27, 23, 59));
  expect([buckets.length, buckets[0]?.label, buckets.at(-1)?.label]).toEqual([count, first, last]);
});

it("takes 30 days for what is no span", () => {
  expect(["", "toString", "7d", undefined].map(spanNamed)).toEqual(["30d", "30d", "7d", "30d"]);
  expect(Object.keys(spans)).toEqual(names);
});
