import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cosine, pool } from "./pooling.ts";

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });

describe("pooling", () => {
  const values = [1, -2, 3, 4, -5, 0];

  it.each([
    ["cls", [1, -2]],
    ["last-token", [-5, 0]],
    ["max", [3, 4]],
  ] as const)("by %s makes one vector of those of the tokens", (pooling, expected) => {
    expect([...pool(pooling, values, 2)]).toEqual(expected);
  });

  it("by mean gives a vector of the direction of the mean", () => {
    expect(cosine(pool("mean", values, 2), Float64Array.of(-1 / 3, 2 / 3))).toBeCloseTo(1, 12);
  });

  it("of one token gives its vector, however it is pooled", () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 8 }), (vector) => {
        for (const pooling of ["cls", "last-token", "max", "mean"] as const)
          expect([...pool(pooling, vector, vector.length)]).toEqual(vector);
      }),
    );
  });

  it("by mean and by max does not depend on the order of the tokens", () => {
    const tokens = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(tokens, (vectors) => {
        for (const pooling of ["mean", "max"] as const)
          expect(pool(pooling, vectors.flat(), 2)).toEqual(pool(pooling, vectors.toReversed().flat(), 2));
      }),
    );
  });
});

describe("the cosine", () => {
  it("is between -1 and 1, the same both ways and whatever the lengths are", () => {
    const vector = fc.array(fc.double({ min: 0.001, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0.1, max: 10, noNaN: true }), (a, b, factor) => {
        const [left, right] = [Float64Array.from(a), Float64Array.from(b)];
        const between = cosine(left, right);
        expect(Math.abs(between)).toBeLessThanOrEqual(1);
        expect(cosine(right, left)).toBe(between);
        expect(
          cosine(
            left.map((value) => value * factor),
            right,
          ),
        ).toBeCloseTo(between, 9);
        expect(
          cosine(
            left,
            left.map((value) => -value),
          ),
        ).toBeCloseTo(-1, 9);
      }),
    );
  });

  it("is not a number where a vector has no direction", () => {
    expect(cosine(Float64Array.of(0, 0), Float64Array.of(1, 0))).toBeNaN();
    expect(cosine(Float64Array.of(Number.NaN, 0), Float64Array.of(1, 0))).toBeNaN();
  });
});
