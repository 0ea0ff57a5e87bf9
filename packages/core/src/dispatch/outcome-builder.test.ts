import fc from "fast-check";
import { expect, it } from "vitest";

import { OutcomeBuilder } from "./outcome-builder.ts";

it("gives each text its own score, whatever the order and the division of calls", () => {
  const order = fc.integer({ min: 1, max: 30 }).chain((count) =>
    fc.record({
      positions: fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
      each: fc.integer({ min: 1, max: count }),
    }),
  );
  fc.assert(
    fc.property(order, ({ positions, each }) => {
      const outcome = new OutcomeBuilder(positions.length, "logit");
      for (let first = 0; first < positions.length; first += each) {
        const call = positions.slice(first, first + each);
        outcome.add(call, { scores: Float64Array.from(call, (position) => position / 2) });
      }
      const { scores } = outcome.build();
      expect([...scores]).toEqual(Array.from(positions, (_, position) => position / 2));
    }),
  );
});
