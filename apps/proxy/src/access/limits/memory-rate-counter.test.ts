import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";

import { MemoryRateCounter } from "./memory-rate-counter.ts";

describe("MemoryRateCounter", () => {
  it("never lets more than the limit into a minute, and never less than what fits, over any boundaries", () => {
    const steps = fc.array(
      fc.record({
        wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 70_000 }), fc.constantFrom(59_999, 60_000, 60_001)),
        burst: fc.integer({ min: 1, max: 1_000 }),
        points: fc.integer({ min: 1, max: 40 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 10_000 }), (all, limit) => {
        let now = 0;
        const counter = new MemoryRateCounter(() => now);
        let began = 0;
        let used = 0;
        for (const { wait, burst, points } of all) {
          now += wait;
          if (now - began >= 60_000) used = 0;
          if (used === 0) began = now;
          for (let call = 0; call < burst; call++) {
            const { fits, usages } = counter.take([{ name: "a", points, limit }]);
            if (fits !== used + points <= limit) throw new Error(`${points} of ${limit} beside ${used}: ${fits}`);
            if (fits) used += points;
            const [usage] = usages;
            if (usage?.used !== used || usage.resetsIn !== began + 60_000 - now)
              throw new Error(`${JSON.stringify(usage)} where ${used} are used since ${began}, at ${now}`);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("takes all charges or none", () => {
    const counter = new MemoryRateCounter();
    const charges = [
      { name: "all", points: 6, limit: 10 },
      { name: "key", points: 6, limit: 100 },
    ];
    expect(counter.take(charges)).toMatchObject({ fits: true, usages: [{ used: 6 }, { used: 6 }] });
    expect(counter.take(charges)).toMatchObject({ fits: false, usages: [{ used: 6 }, { used: 6 }] });
  });

  it("ends a minute that is used up in time when somebody sets the clock back", () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    try {
      const counter = new MemoryRateCounter();
      const charge = [{ name: "a", points: 1, limit: 1 }];
      expect(counter.take(charge).fits).toBe(true);
      vi.setSystemTime(Date.now() - 3_600_000);
      expect(counter.take(charge).fits).toBe(false);
      vi.advanceTimersByTime(60_000);
      expect(counter.take(charge).fits).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
