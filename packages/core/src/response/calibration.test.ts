import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { DheeraError } from "../errors.ts";
import { type Calibration, calibrate } from "./calibration.ts";
import { readCalibration } from "./read-calibration.ts";

const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
const probability = fc.double({ noNaN: true, min: 0, max: 1 });

const platt: fc.Arbitrary<Calibration> = fc.record({
  method: fc.constant("platt" as const),
  slope: fc.double({ noNaN: true, min: Number.MIN_VALUE, max: 1e6 }),
  intercept: number,
  score_kind: fc.constant("logit" as const),
});

const isotonic: fc.Arbitrary<Calibration> = fc
  .uniqueArray(number, { minLength: 1, maxLength: 30, comparator: (a, b) => a === b })
  .chain((scores) =>
    fc.array(probability, { minLength: scores.length, maxLength: scores.length }).map((probabilities) => ({
      method: "isotonic" as const,
      scores: scores.toSorted((a, b) => a - b),
      probabilities: probabilities.toSorted((a, b) => a - b),
      score_kind: "logit" as const,
    })),
  );

const curve: Calibration = {
  method: "isotonic",
  scores: [-2, 0, 4],
  probabilities: [0.125, 0.5, 0.75],
  score_kind: "logit",
};

describe("calibrate", () => {
  it("gives finite probabilities from 0 to 1, never a lower one for a higher score", () => {
    fc.assert(
      fc.property(
        fc.oneof(platt, isotonic),
        fc.array(number, { minLength: 2, maxLength: 40 }),
        (calibration, scores) => {
          const read = readCalibration(calibration);
          if (!read) throw new Error("it was taken for none");
          const ascending = Float64Array.from(scores).sort();
          const made = calibrate(ascending, read);
          for (const [index, one] of made.entries()) {
            expect(one >= 0 && one <= 1).toBe(true);
            if (index > 0) expect(one).toBeGreaterThanOrEqual(made[index - 1] ?? 0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("gives the points of a curve, straight lines between them, and its ends beyond", () => {
    const scores = Float64Array.of(-1e308, -2, -1, 0, 1, 4, 4.5, 1e308);
    expect([...calibrate(scores, curve)]).toEqual([0.125, 0.125, 0.3125, 0.5, 0.5625, 0.75, 0.75, 0.75]);
  });

  it("takes a curve of one point", () => {
    const one: Calibration = { method: "isotonic", scores: [1], probabilities: [0.4], score_kind: "unknown" };
    expect([...calibrate(Float64Array.of(0, 1, 2), one)]).toEqual([0.4, 0.4, 0.4]);
  });

  it("goes by the formula of Platt", () => {
    const made = calibrate(Float64Array.of(-3, 0, 3), {
      method: "platt",
      slope: 2,
      intercept: -1,
      score_kind: "logit",
    });
    expect([...made]).toEqual([-7, -1, 5].map((x) => 1 / (1 + Math.exp(-x))));
  });

  it("leaves a score that is not known unknown", () => {
    expect([...calibrate(Float64Array.of(Number.NaN, 0), curve)]).toEqual([Number.NaN, 0.5]);
    expect(
      calibrate(Float64Array.of(Number.NaN), { method: "platt", slope: 1, intercept: 0, score_kind: "logit" }),
    ).toEqual(Float64Array.of(Number.NaN));
  });
});

describe("readCalibration", () => {
  it("takes nothing for none, and a copy of the rest", () => {
    expect(readCalibration(undefined)).toBeUndefined();
    expect(readCalibration(null)).toBeUndefined();
    const written = { ...curve, scores: [-2, 0, 4], remark: "mine" };
    const read = readCalibration(written);
    written.scores[0] = 9;
    expect(read).toEqual(curve);
  });

  it.each<[unknown, string]>([
    ["file.json", "calibration: must be an object"],
    [[], "calibration: must be an object"],
    [{ ...curve, method: "sigmoid" }, "calibration.method: must be platt or isotonic"],
    [{ ...curve, score_kind: "percent" }, "calibration.score_kind: must be one of probability, logit"],
    [{ ...curve, score_kind: "toString" }, "calibration.score_kind: must be one of"],
    [{ ...curve, scores: [] }, "calibration.scores: must be a list of numbers, 1 to 10000"],
    [{ ...curve, scores: [1, "2", 3] }, "calibration.scores: must be a list of numbers"],
    [{ ...curve, scores: [1, Number.NaN, 3] }, "calibration.scores: must be a list of numbers"],
    [
      { ...curve, scores: Array.from({ length: 10_001 }, (_, x) => x) },
      "calibration.scores: must be a list of numbers",
    ],
    [{ ...curve, scores: [0, 0, 4] }, "calibration.scores: must be in ascending order, each once"],
    [{ ...curve, scores: [4, 0, -2] }, "calibration.scores: must be in ascending order"],
    [{ ...curve, scores: [-1.7e308, 0, 1.7e308] }, "calibration.scores: must be in ascending order"],
    [{ ...curve, scores: [0, 4] }, "calibration.probabilities: must be as many as scores: there are 3, and 2 scores"],
    [
      { ...curve, probabilities: [0.1, 0.5, 1.1] },
      "calibration.probabilities: must be in ascending order, from 0 to 1",
    ],
    [{ ...curve, probabilities: [-0.1, 0.5, 1] }, "calibration.probabilities: must be in ascending order, from 0 to 1"],
    [{ ...curve, probabilities: [0.5, 0.1, 1] }, "calibration.probabilities: must be in ascending order"],
    [{ method: "platt", slope: 0, intercept: 0, score_kind: "logit" }, "calibration.slope: must be a positive number"],
    [{ method: "platt", slope: Infinity, intercept: 0, score_kind: "logit" }, "calibration.slope: must be a positive"],
    [{ method: "platt", slope: 1, score_kind: "logit" }, "calibration.intercept: must be a number"],
  ])("refuses %j", (written, message) => {
    let refused: unknown;
    try {
      readCalibration(written);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(DheeraError);
    expect(refused).toMatchObject({ code: "invalid_request", message: expect.stringContaining(message) });
    expect(refused).toMatchObject({ param: message.slice(0, message.indexOf(":")) });
  });
});
