import fc from "fast-check";
import { expect, it } from "vitest";

import { chooseModel, pointOf } from "./choose-model.ts";

it.each([[{ a: 0.9, b: 0.1 }], [{ a: 1, b: 1 }], [{ a: 5, b: 3, c: 2 }]])(
  "10,000 sessions are divided as %j says",
  (split) => {
    const shares = Object.entries(split).map(([model, weight]) => ({ model, weight }));
    const whole = shares.reduce((sum, { weight }) => sum + weight, 0);
    const counts = new Map<string, number>();
    for (let session = 0; session < 10_000; session++) {
      const model = chooseModel(shares, pointOf(`session-${session}`));
      counts.set(model, (counts.get(model) ?? 0) + 1);
    }
    for (const { model, weight } of shares) {
      const share = weight / whole;
      // Four standard deviations of a fair draw: one in 16,000 would fail, and these sessions are the same every time.
      const deviation = Math.sqrt(10_000 * share * (1 - share));
      expect(Math.abs((counts.get(model) ?? 0) - 10_000 * share)).toBeLessThan(4 * deviation);
    }
  },
);

it("a session stays where it is", () => {
  fc.assert(
    fc.property(fc.string(), (session) => {
      const point = pointOf(session);
      expect(point).toBe(pointOf(session));
      expect(point).toBeGreaterThanOrEqual(0);
      expect(point).toBeLessThan(1);
    }),
  );
});

it("a share that grows takes sessions from its neighbour alone, and one of 0 gets none", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (point) => {
      const before = chooseModel(
        [
          { model: "a", weight: 0.9 },
          { model: "b", weight: 0.1 },
        ],
        point,
      );
      const after = chooseModel(
        [
          { model: "a", weight: 0.5 },
          { model: "b", weight: 0.5 },
        ],
        point,
      );
      if (before === "b") expect(after).toBe("b");
      expect(
        chooseModel(
          [
            { model: "a", weight: 0 },
            { model: "b", weight: 1 },
          ],
          point,
        ),
      ).toBe("b");
    }),
  );
});
