import fc from "fast-check";
import { expect, it } from "vitest";

import type { Usage } from "../contract.ts";
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
      for (const name of ["inputTokens", "outputTokens", "searchUnits"] as const) {
        const named = [one?.[name], other?.[name]].filter((value) => value !== undefined);
        expect(sum?.[name]).toBe(named.length === 0 ? undefined : named.reduce((total, value) => total + value));
      }
    }),
  );
});

it("names no cost where one of the calls named none, because the sum would be too little", () => {
  fc.assert(
    fc.property(fc.array(usage.filter((one) => one !== undefined)), (calls) => {
      const sum = calls.reduce<Usage | undefined>(addUsage, undefined);
      const costs = calls.map((call) => call?.cost);
      const isKnown = costs.length > 0 && costs.every((cost) => cost !== undefined);
      expect(sum?.cost).toBe(isKnown ? costs.reduce((total, cost) => total + cost) : undefined);
    }),
  );
});

it("leaves nothing to nothing", () => {
  expect(addUsage(undefined, undefined)).toBeUndefined();
});
