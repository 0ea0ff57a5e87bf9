import fc from "fast-check";
import { Counter, Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";

import { TalliedCounter } from "./tallied-counter.ts";
import { TalliedHistogram } from "./tallied-histogram.ts";

const model = fc.constantFrom("bge", 'with "quotes"', "with\nlines", "back\\slash");

it("writes the same page as prom-client's own histogram, for any observations", async () => {
  const observations = fc.array(fc.tuple(model, fc.double({ min: 0, max: 100, noNaN: true })));
  const bounds = fc
    .uniqueArray(fc.double({ min: 0.001, max: 50, noNaN: true }), { minLength: 1 })
    .map((list) => list.sort((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(observations, bounds, async (observed, buckets) => {
      const options = { name: "seconds", help: "Seconds.", labelNames: ["model"] as const, buckets };
      const [ours, theirs] = [new Registry(), new Registry()];
      const tallied = new TalliedHistogram({ ...options, registers: [ours] });
      const own = new Histogram({ ...options, registers: [theirs] });
      for (const [name, value] of observed) {
        tallied.distribution({ model: name }).observe(value);
        own.observe({ model: name }, value);
      }
      expect(samplesOf(await ours.metrics())).toEqual(samplesOf(await theirs.metrics()));
    }),
  );
});

it("writes the same page as prom-client's own counter, for any additions", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(model, fc.nat())), async (added) => {
      const options = { name: "things_total", help: "Things.", labelNames: ["model"] as const };
      const [ours, theirs] = [new Registry(), new Registry()];
      const tallied = new TalliedCounter({ ...options, registers: [ours] });
      const own = new Counter({ ...options, registers: [theirs] });
      for (const [name, value] of added) {
        tallied.tally({ model: name }).value += value;
        own.inc({ model: name }, value);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
  );
});

/** Lines with their labels in a stable order: prom-client puts `le` first. */
function samplesOf(page: string): readonly string[] {
  return page.split("\n").map((line) => line.replace(/\{le="([^"]*)",(.*)\}/, '{$2,le="$1"}'));
}
