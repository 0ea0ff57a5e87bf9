import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { amountAxis, linearAxis } from "./axis.ts";
import { paretoFront } from "./pareto-front.ts";
import { type Box, isWithin, overlap, placeLabels } from "./place-labels.ts";
import { type Point, scatterPlot } from "./scatter-plot.ts";

const quality = fc.double({ min: 0, max: 1, noNaN: true });
const amount = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true }));
const range = { from: 40, to: 540 };

describe("the Pareto front", () => {
  it("is what no other one beats", () => {
    const offer = fc.record({ cost: fc.integer({ min: 0, max: 9 }), quality: fc.integer({ min: 0, max: 9 }) });
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 12 }), (offers) => {
        const front = new Set(paretoFront(offers));
        for (const one of offers) {
          const isBeaten = offers.some(
            (other) =>
              other.cost <= one.cost &&
              other.quality >= one.quality &&
              (other.cost < one.cost || other.quality > one.quality),
          );
          expect(front.has(one)).toBe(!isBeaten);
        }
      }),
    );
  });
});

describe("an axis", () => {
  it("keeps every value and every tick in its range, in their order", () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 8 }), (values) => {
        for (const axis of [amountAxis(values, range), linearAxis(values, range)]) {
          const places = values.toSorted((one, other) => one - other).map((value) => axis.position(value));
          expect(places).toEqual(places.toSorted((one, other) => one - other));
          for (const place of [...places, ...axis.ticks.map(({ value }) => axis.position(value))]) {
            expect(place).toBeGreaterThanOrEqual(range.from - 1e-6);
            expect(place).toBeLessThanOrEqual(range.to + 1e-6);
          }
          expect(axis.ticks.length).toBeGreaterThan(0);
          expect(axis.ticks.length).toBeLessThan(14);
          expect(new Set(axis.ticks.map(({ label }) => label)).size).toBe(axis.ticks.length);
        }
      }),
    );
  });

  it("counts by factors of ten where amounts span them, with 0 apart from the others", () => {
    expect(amountAxis([2, 3, 5], range)).toMatchObject({ logarithmic: false });
    const axis = amountAxis([0, 0.3, 30], range);
    expect(axis.ticks.map(({ label }) => label)).toEqual(["0", "0.3", "1", "3", "10", "30"]);
    expect(axis.position(0)).toBeLessThan(axis.gap ?? 0);
    expect(axis.position(0.3)).toBeGreaterThan(axis.gap ?? Infinity);
  });

  it("ends at the largest value that can be", () => {
    expect(linearAxis([0.9, 0.99], range, 1).ticks.at(-1)?.label).toBe("1.00");
  });
});

describe("names of points", () => {
  const frame: Box = { x: 0, y: 0, width: 540, height: 360 };

  it("stay within the picture and cover neither each other nor a point, however near the points are", () => {
    const point = fc.record({ x: fc.integer({ min: 250, max: 270 }), y: fc.integer({ min: 170, max: 190 }) });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 8 }), (points) => {
        const dots = points.map(({ x, y }) => ({ x: x - 6, y: y - 6, width: 12, height: 12 }));
        const boxes = placeLabels(
          points.map(({ x, y }) => ({ x, y, width: 90, height: 15 })),
          dots,
          frame,
        );
        for (const [index, box] of boxes.entries()) {
          expect(isWithin(box, frame)).toBe(true);
          for (const other of [...boxes.slice(index + 1), ...dots]) expect(overlap(box, other)).toBe(0);
        }
      }),
    );
  });

  it("have a place even where there is none", () => {
    const crowd = Array.from({ length: 60 }, () => ({ x: 20, y: 10, width: 90, height: 15 }));
    const small = { x: 0, y: 0, width: 100, height: 30 };
    expect(placeLabels(crowd, [], small)).toHaveLength(60);
  });
});

describe("a plot", () => {
  it("has no number that is none, whatever was measured", () => {
    const point: fc.Arbitrary<Point> = fc
      .tuple(fc.string(), quality, quality, quality, amount, amount, fc.boolean())
      .map(([name, one, two, three, less, more, isBaseline]) => {
        const [low = 0, middle = 0, high = 0] = [one, two, three].toSorted((a, b) => a - b);
        return { name, isBaseline, quality: middle, low, high, amount: less, amountUpTo: Math.max(less, more) };
      });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 10 }), (points) => {
        const titles = { title: "t", amountLabel: "a", qualityLabel: "q" };
        const drawn = String(
          scatterPlot({
            points: points.map((one, index) => ({ ...one, name: `m${index}` })),
            ...titles,
            width: 340,
            height: 320,
          }),
        );
        expect(drawn).not.toMatch(/NaN|Infinity|undefined/);
      }),
    );
  });
});
