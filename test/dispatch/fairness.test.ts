import type { Dheera } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { admissionOrder, dheeraOver, manyDocuments, start } from "./over.ts";

const flood = { id: "flood" };
const small = { id: "small" };

/** Each flood of one tenant as requests at one time × documents of each. */
const floods = [
  { requests: 12, documents: 10_000 },
  { requests: 30, documents: 10_000 },
  { requests: 100, documents: 100 },
  { requests: 300, documents: 32 },
];

describe("tenants", () => {
  it.each(floods)(
    "let a small request through $requests × $documents documents of another",
    async ({ requests, documents }) => {
      const simulator = await start({ maxConcurrentRequests: 64, millisecondsPerBatch: 2, maxBatchTokens: 500 });
      const order = admissionOrder();
      const dheera = dheeraOver({ reranker: [simulator] }, {}, { observer: order.observer });
      await dheera.rerank({ model: "reranker", query: "first", documents: manyDocuments(1) });
      using _load = floodOf(dheera, requests, documents);
      await eventually(() => simulator.stats.pairsScored).toBeGreaterThan(200);
      await eventually(() => dheera.deployments()[0]?.documentsQueued).toBeGreaterThan(1_000);
      for (let request = 0; request < 5; request++) {
        const asked = { model: "reranker", query: `${request}`, documents: manyDocuments(4) };
        await dheera.rerank(asked, { tenant: small, callId: order.follow() });
        // No more than the server has places for, and many more were waiting.
        expect(order.before()).toBeLessThanOrEqual(64);
      }
    },
  );

  it("do not fill the queue with a few large requests", async () => {
    const simulator = await start({ maxConcurrentRequests: 64, millisecondsPerBatch: 2, maxBatchTokens: 500 });
    const dheera = dheeraOver({ reranker: [simulator] });
    await dheera.rerank({ model: "reranker", query: "first", documents: manyDocuments(1) });
    using _load = floodOf(dheera, 12, 10_000);
    await eventually(() => dheera.deployments()[0]?.documentsQueued).toBeGreaterThan(11_000);
    await eventually(() => simulator.stats.pairsScored).toBeGreaterThan(400);
    expect(dheera.deployments()[0]?.documentsQueued).toBeLessThanOrEqual(12 * 1_032);
  });

  it("are refused only for what they have waiting themselves", async () => {
    const simulator = await start({ maxConcurrentRequests: 32, millisecondsPerBatch: 100 });
    const dheera = dheeraOver({ reranker: [simulator] }, {}, { router_settings: { max_queued_documents: 200 } });
    await dheera.rerank({ model: "reranker", query: "first", documents: manyDocuments(1) });
    const ends = Promise.allSettled(
      Array.from({ length: 10 }, (_, request) =>
        dheera.rerank({ model: "reranker", query: `${request}`, documents: manyDocuments(32) }, { tenant: flood }),
      ),
    );
    await eventually(() => dheera.deployments()[0]?.documentsQueued).toBeGreaterThan(150);
    const { results } = await dheera.rerank(
      { model: "reranker", query: "q", documents: manyDocuments(40) },
      { tenant: small },
    );
    expect(results).toHaveLength(40);
    const reasons = (await ends).flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons)
      expect(reason).toMatchObject({ code: "provider_overloaded", status: 503, retryAfter: expect.any(Number) });
  });

  it("share a server by their priorities", async () => {
    const simulator = await start({ maxConcurrentRequests: 16, millisecondsPerBatch: 1, maxClientBatchSize: 8 });
    const dheera = dheeraOver({ reranker: [simulator] });
    await dheera.rerank({ model: "reranker", query: "first", documents: manyDocuments(1) });
    const scored = { high: 0, low: 0 };
    simulator.follow(({ path, texts }) => {
      if (path === "/rerank") scored[texts[0]?.startsWith("low") ? "low" : "high"] += texts.length;
      return undefined;
    });
    const texts = (name: string): readonly string[] => manyDocuments(2_000).map((text) => `${name} ${text}`);
    const abort = new AbortController();
    const requests = [
      { documents: texts("high"), tenant: { id: "a" } },
      { documents: texts("low"), tenant: { id: "b", priority: 3 } },
    ].map(({ documents, tenant }) =>
      dheera.rerank({ model: "reranker", query: "q", documents }, { tenant, signal: abort.signal }).catch(() => {}),
    );
    await eventually(() => dheera.deployments()[0]?.documentsQueued).toBeGreaterThan(1_900);
    const before = { ...scored };
    await eventually(() => scored.high).toBeGreaterThan(before.high + 800);
    const [high, low] = [scored.high - before.high, scored.low - before.low];
    abort.abort();
    await Promise.all(requests);
    expect(high / low).toBeGreaterThan(3);
    expect(high / low).toBeLessThan(5);
  });
});

/** Requests of one tenant, each of which is sent again as soon as it was answered; disposing of it ends them. */
function floodOf(dheera: Dheera, requests: number, documents: number): Disposable {
  const abort = new AbortController();
  const texts = manyDocuments(documents);
  const send = async (number: number): Promise<void> => {
    for (let round = 0; !abort.signal.aborted; round++) {
      const request = { model: "reranker", query: `${number} ${round}`, documents: texts };
      await dheera.rerank(request, { tenant: flood, signal: abort.signal }).catch(() => {});
    }
  };
  for (let number = 0; number < requests; number++) void send(number);
  return { [Symbol.dispose]: () => abort.abort() };
}
