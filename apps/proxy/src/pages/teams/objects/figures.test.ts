import fc from "fast-check";
import { expect, it } from "vitest";

import { type SpanName, bucketsOf } from "../state/span.ts";
import { nothing, sumBuckets, sumOf } from "./figures.ts";

const now = Date.UTC(2026, 10, 27);
const span = fc.constantFrom<SpanName>("7d", "30d", "90d", "1y");

it("puts each day of the time into exactly one bar", () => {
  fc.assert(
    fc.property(span, fc.array(fc.nat({ max: 420 }), { maxLength: 60 }), (name, ages) => {
      const buckets = bucketsOf(name, now);
      const days = ages.map((age, index) => ({
        ...nothing,
        requests: index + 1,
        day: new Date(now - age * 86_400_000).toISOString().slice(0, 10),
      }));
      const within = days.filter(({ day }) => day >= (buckets[0]?.from ?? ""));
      expect(sumOf(sumBuckets(buckets, days)).requests).toBe(sumOf(within).requests);
    }),
  );
});

it("has a bar of zeros where nothing was served", () => {
  expect(sumBuckets(bucketsOf("7d", now), [])).toEqual(Array.from({ length: 7 }, () => nothing));
});
