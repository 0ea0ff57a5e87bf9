import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Gate, enter } from "./admission.ts";

const patient = { signal: new AbortController().signal, deadline: Date.now() + 3_600_000 };

function gateOf(limit: number): Gate {
  const gate = new Gate(1_000_000);
  gate.setLimit(limit);
  return gate;
}

/** Notes who is admitted, in order. */
async function queue(gate: Gate, log: string[], name: string, documents: number, flow: object): Promise<void> {
  await enter([gate], documents, { ...patient, flow });
  log.push(name);
}

/** Lets promise reactions run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("Gate", () => {
  it("never has more documents in flight than allowed, unless a single batch is larger", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 64 }),
        fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 60 }),
        async (limit, sizes) => {
          const gate = gateOf(limit);
          let running: number[] = [];
          const entered = sizes.map(async (size) => {
            await enter([gate], size, { ...patient, flow: {} });
            running.push(size);
            expect(running.length === 1 || gate.documentsInFlight <= limit).toBe(true);
          });
          for (let ended = 0; ended < sizes.length;) {
            await settle();
            const [size] = running;
            if (size === undefined) throw new Error("nobody was admitted");
            running = running.slice(1);
            gate.leave(size, true);
            ended++;
          }
          await Promise.all(entered);
          expect(gate.documentsInFlight).toBe(0);
          expect(gate.documentsQueued).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("serves a small request before the rest of a big one that came first", async () => {
    const gate = gateOf(32);
    const log: string[] = [];
    const big = {};
    for (let batch = 0; batch < 20; batch++) void queue(gate, log, `big ${batch}`, 32, big);
    void queue(gate, log, "small", 4, {});
    await settle();
    gate.leave(32, true);
    await settle();
    gate.leave(32, true);
    await settle();
    expect(log.slice(0, 3)).toContain("small");
  });

  it("lowers its allowance by half when refused, once for all calls that were under way", async () => {
    const gate = gateOf(512);
    for (let batch = 0; batch < 4; batch++) expect(gate.tryEnter(32)).toBe(true);
    gate.congested(1_000, 2_000);
    gate.congested(1_500, 2_001);
    expect(gate.documentsAllowed).toBe(64);
    gate.congested(3_000, 4_000);
    expect(gate.documentsAllowed).toBe(32);
  });

  it("regains its allowance with success, up to the server's limit", () => {
    const gate = gateOf(64);
    expect(gate.tryEnter(32)).toBe(true);
    gate.congested(1_000, 2_000);
    gate.leave(32, false);
    for (let call = 0; call < 100; call++) {
      expect(gate.tryEnter(8)).toBe(true);
      gate.leave(8, true);
    }
    expect(gate.documentsAllowed).toBe(64);
  });

  it("does not regain it all at once through a batch larger than the allowance", () => {
    const gate = gateOf(512);
    gate.congested(1, 2);
    expect(gate.tryEnter(32)).toBe(true);
    gate.leave(32, true);
    expect(gate.documentsAllowed).toBeLessThan(32);
  });

  it("turns away at once who has already gone", () => {
    const gate = gateOf(1);
    gate.tryEnter(1);
    expect(() => enter([gate], 1, { ...patient, signal: AbortSignal.abort(new Error("gone")), flow: {} })).toThrow(
      "gone",
    );
    expect(gate.documentsQueued).toBe(0);
  });

  it("lets a batch larger than a lowered allowance go alone instead of waiting for ever", () => {
    const gate = gateOf(512);
    gate.congested(1, 2);
    expect(gate.documentsAllowed).toBeLessThan(32);
    expect(gate.tryEnter(32)).toBe(true);
    expect(gate.tryEnter(1)).toBe(false);
  });

  it("admits a waiter to whichever of several gates is free first, and forgets it at the others", async () => {
    const gates = [gateOf(1), gateOf(1)];
    for (const gate of gates) gate.tryEnter(1);
    const entering = enter(gates, 1, { ...patient, flow: {} });
    gates[1]?.leave(1, true);
    expect(await entering).toBe(gates[1]);
    expect(gates.map((gate) => gate.documentsQueued)).toEqual([0, 0]);
  });

  it("takes who went away out of the queue, so that those behind go on", async () => {
    const gate = gateOf(10);
    gate.tryEnter(8);
    const leaving = new AbortController();
    const big = enter([gate], 10, { ...patient, signal: leaving.signal, flow: {} });
    const log: string[] = [];
    void queue(gate, log, "small", 2, {});
    await settle();
    expect(log).toEqual([]);
    leaving.abort(new Error("gone"));
    await expect(big).rejects.toThrow("gone");
    await settle();
    expect(log).toEqual(["small"]);
  });

  it("refuses with Retry-After when too much is waiting", () => {
    const gate = new Gate(10);
    gate.setLimit(1);
    gate.tryEnter(1);
    void enter([gate], 10, { ...patient, flow: {} });
    expect(() => enter([gate], 1, { ...patient, flow: {} })).toThrow(
      expect.objectContaining({ code: "provider_overloaded", retryAfter: expect.any(Number) }),
    );
  });

  it("limits calls as well as documents", () => {
    const gate = new Gate(100, 2);
    expect([gate.tryEnter(1), gate.tryEnter(1), gate.tryEnter(1)]).toEqual([true, true, false]);
  });
});
