import fc from "fast-check";
import { expect, it } from "vitest";

import { addUsage } from "./usage.ts";

const figure = fc.option(fc.nat(), { nil: undefined });
const usage = fc.option(
  fc.record({ inputTokens: figure, outputTokens: figure, searchUnits: figure, cost: figure }, { requiredKeys: [] }),
  { nil: undefined },
);

it("adds figure by figure, and names none that neither named", () => {
  fc.assert(
    fc.property(usage, usage, (one, other) => {
      const sum = addUsage(one, other);
      for (const name of ["inputTokens", "outputTokens", "searchUnits", "cost"] as const) {
        const named = [one?.[name], other?.[name]].filter((value) => value !== undefined);
        expect(sum?.[name]).toBe(named.length === 0 ? undefined : named.reduce((total, value) => total + value));
      }
    }),
  );
});

it("leaves nothing to nothing", () => {
  expect(addUsage(undefined, undefined)).toBeUndefined();
});
