import { describe, expect, it } from "vitest";

import { type Client, type Crowd, runCrowd } from "../fixtures/crowd.ts";
import { Allowance } from "./allowance.ts";

const minute: Omit<Crowd, "places" | "clients"> = { seconds: 60, settledAfter: 20 };
/** Calls of these sizes, one after the other, which knows nothing of allowances. */
const foreign = (documentsPerCall: number): Client => ({ kind: "foreign", documentsPerCall });
const ours = (limit: number): Client => ({ kind: "ours", limit });

describe("Allowance", () => {
  it("is halved by a refusal, once for all calls that were under way", () => {
    const allowance = new Allowance();
    allowance.setLimit(512);
    allowance.refused({ documents: 32, inFlight: 128, startedAt: 1_000 }, "overload", 2_000);
    allowance.refused({ documents: 32, inFlight: 128, startedAt: 1_500 }, "overload", 2_001);
    expect(allowance.documents).toBe(64);
    allowance.refused({ documents: 32, inFlight: 64, startedAt: 3_000 }, "overload", 4_000);
    expect(allowance.documents).toBe(32);
  });

  it("is never below one document", () => {
    const allowance = new Allowance();
    for (let call = 1; call < 20; call++)
      allowance.refused({ documents: 32, inFlight: 32, startedAt: call * 1_000 }, "overload", call * 1_000 + 500);
    expect(allowance.documents).toBe(1);
    expect(allowance.documentsPerCall).toBe(1);
  });

  it("does not divide calls where their rate is limited, which would make more of them", () => {
    const allowance = new Allowance();
    allowance.refused({ documents: 32, inFlight: 64, startedAt: 1_000 }, "rate", 2_000);
    allowance.refused({ documents: 32, inFlight: 32, startedAt: 3_000 }, "rate", 4_000);
    expect(allowance.documents).toBe(32);
  });

  it("does not grow for who does not use it up", () => {
    const allowance = new Allowance();
    allowance.setLimit(64);
    allowance.refused({ documents: 32, inFlight: 64, startedAt: 1_000 }, "overload", 2_000);
    for (let call = 0; call < 10_000; call++) allowance.succeeded({ documents: 4, inFlight: 4, startedAt: 3_000 });
    expect(allowance.documents).toBe(32);
  });

  it("follows the server's limit up and down", () => {
    const allowance = new Allowance();
    allowance.setLimit(512);
    allowance.setLimit(4);
    expect(allowance.documents).toBe(4);
    allowance.setLimit(64);
    expect(allowance.documents).toBe(64);
  });

  it("finds a limit that no server announced, and keeps to it with less than 5 % refused", () => {
    for (const places of [4, 8, 64]) {
      const [only] = runCrowd({ ...minute, places, clients: [ours(Infinity)] });
      expect(only?.refusedShare).toBeLessThan(0.05);
      // The simulated server does one document a millisecond, and one call.
      expect(only?.documentsPerSecond).toBeGreaterThan(550);
      expect(only?.allowed).toBeGreaterThan(places / 3);
    }
  });

  it("takes what the server has again when it was started with larger limits", () => {
    const [only] = runCrowd({
      ...minute,
      places: 8,
      clients: [ours(Infinity)],
      later: { afterSeconds: 20, places: 64 },
    });
    expect(only?.allowed).toBeGreaterThan(30);
  });

  it.each([
    ["two on 32 places", 32, 2],
    ["two on 4 places", 4, 2],
    ["three on 16 places", 16, 3],
    ["four on 32 places", 32, 4],
  ])("shares a server that has too few places: %s, each within twice its share and 5 % refused", (_, places, count) => {
    for (const seed of [1, 2, 3]) {
      const clients = runCrowd({ ...minute, seed, places, clients: Array.from({ length: count }, () => ours(places)) });
      const total = clients.reduce((sum, { documentsPerSecond }) => sum + documentsPerSecond, 0);
      for (const { documentsPerSecond, refusedShare } of clients) {
        expect(documentsPerSecond).toBeGreaterThan(total / count / 2);
        expect(documentsPerSecond).toBeLessThan((total / count) * 2);
        expect(refusedShare).toBeLessThan(0.05);
      }
    }
  });

  it("gets a share beside a client that held every place before it came", () => {
    const [first, late] = runCrowd({
      ...minute,
      seconds: 90,
      settledAfter: 50,
      places: 32,
      clients: [ours(32), { kind: "ours", limit: 32, startsAfterSeconds: 10 }],
    });
    expect(late?.documentsPerSecond).toBeGreaterThan((first?.documentsPerSecond ?? 0) / 3);
  });

  it("keeps working beside clients that know nothing of allowances", () => {
    const [proxy, ...strangers] = runCrowd({
      ...minute,
      places: 4,
      clients: [ours(4), foreign(1), foreign(1), foreign(1)],
    });
    expect(proxy?.refusedShare).toBeLessThan(0.05);
    for (const { documentsPerSecond } of strangers) {
      expect(proxy?.documentsPerSecond).toBeGreaterThan(documentsPerSecond / 2);
      expect(documentsPerSecond).toBeGreaterThan((proxy?.documentsPerSecond ?? 0) / 2);
    }
  });

  it("costs who is alone next to nothing", () => {
    for (const places of [4, 32, 512]) {
      const [alone] = runCrowd({ ...minute, places, clients: [ours(places)] });
      const [unbounded] = runCrowd({ ...minute, places, clients: [{ kind: "fixed", limit: places }] });
      expect(alone?.refusedShare).toBe(0);
      expect(alone?.documentsPerSecond).toBeGreaterThan(0.95 * (unbounded?.documentsPerSecond ?? Infinity));
    }
  });
});
