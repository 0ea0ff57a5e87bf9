import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Politeness, type ServerOptions, politeness } from "../fixtures/simulated-load.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const shares = [0.1, 0.5, 0.7];

function expectPoliteness({ timesP50, timesP99 }: Politeness): void {
  expect(timesP50).toBeLessThan(1.3);
  expect(timesP99).toBeLessThan(2);
}

describe("BackgroundWindow", () => {
  describe.each<{ what: string; server: ServerOptions; limit: number; documents: number }>([
    { what: "one document after the other", server: { perDocument: 2 }, limit: 512, documents: 32 },
    {
      what: "batches of 4, the next of which is put together early",
      server: { perDocument: 2, perBatch: 2, batch: 4, prefetches: true },
      limit: 512,
      documents: 64,
    },
    {
      what: "batches of 8 that cost three times a document",
      server: { perDocument: 2, perBatch: 6, batch: 8, prefetches: true },
      limit: 512,
      documents: 64,
    },
  ])("at a server that works on $what", ({ server, limit, documents }) => {
    it.each(shares)("leaves others their speed and takes the rest, where they want %d of it", async (share) => {
      const figures = await politeness({ server, limit, documents, share });
      expectPoliteness(figures);
      expect(figures.used).toBeGreaterThan(0.89);
    });
  });

  it("does so whatever a server takes for a document and a batch that is short beside the others' calls", async () => {
    const loads = fc.record({
      batch: fc.integer({ min: 1, max: 8 }),
      perDocument: fc.integer({ min: 2, max: 5 }),
      overhead: fc.integer({ min: 0, max: 2 }),
      batches: fc.integer({ min: 8, max: 16 }),
      share: fc.constantFrom(...shares),
      prefetches: fc.boolean(),
    });
    // The clock is simulated: the same seed always runs the same.
    await fc.assert(
      fc.asyncProperty(loads, async ({ batch, perDocument, overhead, batches, share, prefetches }) => {
        const server = { batch, perDocument, perBatch: overhead * perDocument, prefetches };
        const figures = await politeness({ server, limit: 512, documents: Math.max(16, batch * batches), share });
        expectPoliteness(figures);
        expect(figures.used).toBeGreaterThan(0.85);
      }),
      { seed: 17, numRuns: 3, endOnFailure: true },
    );
  }, 120_000);

  describe("at a server that works on many calls at one time", () => {
    const server = { perDocument: 1, perBatch: 100, batch: 32, workers: 16, way: 10 };
    it.each([0.1, 0.5])("sends large calls beside others, where they want %d of it", async (share) => {
      const figures = await politeness({ server, limit: 100_000, documents: 32, share });
      expectPoliteness(figures);
      expect(figures.used).toBeGreaterThan(0.6);
      expect(figures.documentsPerCall).toBeGreaterThan(8);
    });
  });

  describe("at a server whose batches take as long as what others may wait for", () => {
    const server = { perDocument: 2, perBatch: 10, batch: 64, prefetches: true };
    it.each([0.1, 0.7])("leaves others their speed, where they want %d of it", async (share) => {
      const figures = await politeness({ server, limit: 512, documents: 32, share });
      expectPoliteness(figures);
      expect(figures.used).toBeGreaterThan(0.4);
    });
  });
});
