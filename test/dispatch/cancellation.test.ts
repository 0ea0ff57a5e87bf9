import { describe, expect, it } from "vitest";

import { always } from "../simulator/faults/faults.ts";
import { eventually } from "../support/eventually.ts";
import { dheeraOver, manyDocuments, start } from "./over.ts";

describe("cancellation", () => {
  it("leaves nothing running or queued when the caller goes away", async () => {
    const simulators = [await start({ millisecondsPerBatch: 50 }), await start({ millisecondsPerBatch: 50 })];
    const dheera = dheeraOver({ reranker: simulators }, { max_documents_in_flight: 128 });
    const leaving = new AbortController();
    const request = dheera.rerank(
      { model: "reranker", query: "q", documents: manyDocuments(3000) },
      { signal: leaving.signal },
    );
    await eventually(() => simulators.every(({ stats }) => stats.callsInFlight > 1)).toBe(true);
    leaving.abort();
    await expect(request).rejects.toMatchObject({ code: "cancelled" });
    await Promise.all(simulators.map(({ stats }) => stats.idle()));
    for (const { stats } of simulators) {
      expect(stats.abortedCalls).toBeGreaterThan(0);
      expect(stats.permitsInUse).toBe(0);
      expect(stats.documents).toBeLessThan(1500);
    }
    for (const deployment of dheera.deployments())
      expect(deployment).toMatchObject({ documentsInFlight: 0, documentsQueued: 0 });
    const documentsBefore = simulators.reduce((sum, { stats }) => sum + stats.documents, 0);
    await dheera.rerank({ model: "reranker", query: "next", documents: manyDocuments(1) });
    expect(simulators.reduce((sum, { stats }) => sum + stats.documents, 0)).toBe(documentsBefore + 1);
  });

  it("sends nothing for a caller who has gone already", async () => {
    const simulator = await start();
    const dheera = dheeraOver({ reranker: [simulator] });
    await expect(
      dheera.rerank({ model: "reranker", query: "q", documents: ["a"] }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "cancelled" });
    expect(simulator.stats).toMatchObject({ calls: 0, infoCalls: 0 });
  });

  it("honours the deadline when upstreams never answer", async () => {
    const simulators = [
      await start({ script: always({ kind: "hang" }) }),
      await start({ script: always({ kind: "hang" }) }),
    ];
    const dheera = dheeraOver({ reranker: simulators });
    await expect(
      dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(200), timeout: 0.2 }),
    ).rejects.toMatchObject({
      code: "timeout",
      status: 504,
    });
    await Promise.all(simulators.map(({ stats }) => stats.idle()));
  });

  it("stops the other batches when one fails for good", async () => {
    const simulator = await start({
      script: ({ path, texts }) =>
        path !== "/rerank"
          ? undefined
          : texts.includes("bad")
            ? { kind: "refuse", status: 401, body: "" }
            : { kind: "hang" },
    });
    const dheera = dheeraOver({ reranker: [simulator] }, {}, { router_settings: { num_retries: 0 } });
    await expect(
      dheera.rerank({ model: "reranker", query: "q", documents: [...manyDocuments(200), "bad"] }),
    ).rejects.toMatchObject({
      code: "provider_auth",
    });
    await simulator.stats.idle();
    expect(simulator.stats.abortedCalls).toBeGreaterThan(3);
  });
});
