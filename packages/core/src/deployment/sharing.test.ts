import { describe, expect, it } from "vitest";

import { createDheera } from "../dheera.ts";
import { scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { SharedDeployment } from "./sharing.ts";

const model_list = [{ model_name: "m", dheera_ai_params: { model: "scripted/m", max_parallel_requests: 8 } }];
const request = { model: "m", query: "q", documents: ["a", "b", "c", "d"] };

describe("createDheera({ share })", () => {
  it("asks what a deployment may have in flight before each admission, and lets it go on when there may be more", async () => {
    const allowed = { documents: 2, calls: 1 };
    const shared: SharedDeployment[] = [];
    let inFlight = 0;
    let peak = 0;
    let held: Promise<void> = Promise.resolve();
    const provider = scriptedProvider(async ({ documents }) => {
      peak = Math.max(peak, ++inFlight);
      await held;
      inFlight--;
      return { scores: documents.map((_, index) => ({ index, score: 0.5 })) };
    });
    await using dheera = createDheera({
      providers: [provider],
      model_list,
      share: (deployment, { allowance, health, budget }) => {
        shared.push(deployment);
        return {
          allowance: {
            get documents() {
              return allowed.documents;
            },
            get documentsPerCall() {
              return allowed.documents;
            },
            get calls() {
              return allowed.calls;
            },
            setLimit: (documents) => allowance.setLimit(documents),
            refused: (...call) => allowance.refused(...call),
            succeeded: (call) => allowance.succeeded(call),
          },
          health,
          budget,
          leave: () => void shared.pop(),
        };
      },
    });
    await dheera.rerank(request);
    expect(provider.calls.map(({ documents }) => documents.length)).toEqual([2, 2]);
    expect(peak).toBe(1);
    expect(shared[0]).toMatchObject({ provider: "scripted", model: "m", admission: { documentsInFlight: 0 } });

    const hold = Promise.withResolvers<void>();
    held = hold.promise;
    const waiting = dheera.rerank({ ...request, query: "waits" });
    await expect.poll(() => shared[0]?.admission.documentsQueued).toBe(2);
    expect(inFlight).toBe(1);
    Object.assign(allowed, { documents: 4, calls: 2 });
    shared[0]?.admission.admitWaiting();
    await expect.poll(() => inFlight).toBe(2);
    hold.resolve();
    expect((await waiting).results).toHaveLength(4);

    await dheera.close();
    expect(shared).toEqual([]);
  });

  it("asks whether a deployment gets calls, and tells how each ended", async () => {
    const told: string[] = [];
    await using dheera = createDheera({
      providers: [scriptedProvider()],
      model_list,
      share: (_, { allowance, health, budget }) => ({
        allowance,
        health: {
          lastError: undefined,
          isOpen: (now) => health.isOpen(now),
          coolingFor: () => 1_000,
          began: () => void told.push("began"),
          ended: () => void told.push("ended"),
          succeeded: () => told.push("succeeded") > 100,
          failed: () => told.push("failed"),
        },
        budget,
        leave: () => {},
      }),
    });
    await dheera.rerank(request);
    expect(told).toEqual(["began", "succeeded"]);
    expect(dheera.deployments()[0]?.state).toBe("cooling");
  });

  it("lets calls wait that may begin in a moment, and refuses them once the minute has none left", async () => {
    const shared: SharedDeployment[] = [];
    const left = { calls: 1, isOpen: true };
    const provider = scriptedProvider(({ documents }) => ({
      scores: documents.map((_, index) => ({ index, score: 0.5 })),
    }));
    await using dheera = createDheera({
      providers: [provider],
      model_list,
      share: (deployment, { allowance, health }) => {
        shared.push(deployment);
        return {
          allowance: {
            documents: 100,
            documentsPerCall: 100,
            get callsLeft() {
              return left.calls;
            },
            setLimit: (documents) => allowance.setLimit(documents),
            refused: (...call) => allowance.refused(...call),
            succeeded: (call) => allowance.succeeded(call),
          },
          health,
          budget: { isOpen: () => left.isOpen, secondsLeft: () => 7, use: () => void left.calls-- },
          leave: () => {},
        };
      },
    });
    const ask = (query: string) => dheera.rerank({ ...request, query });
    const waiting = ["a", "b", "c", "d"].map((query) => ask(query));
    await expect.poll(() => shared[0]?.admission.documentsQueued).toBe(3 * 4);
    expect(provider.calls).toHaveLength(1);
    left.calls = 2;
    shared[0]?.admission.admitWaiting();
    await Promise.all(waiting.slice(0, 3));
    expect(provider.calls).toHaveLength(3);
    Object.assign(left, { calls: Infinity, isOpen: false });
    shared[0]?.admission.admitWaiting();
    await expect(waiting[3]).rejects.toMatchObject({ code: "rate_limited", retryAfter: 7 });
    await expect(ask("e")).rejects.toMatchObject({ code: "rate_limited", retryAfter: 7 });
    expect(provider.calls).toHaveLength(3);
  });
});
