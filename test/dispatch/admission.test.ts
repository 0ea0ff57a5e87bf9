import { describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { admissionOrder, dheeraOver, manyDocuments, oracleRows, rowsOf, start } from "./over.ts";

describe("admission", () => {
  it("keeps all requests together within the server's permits, so that none is ever refused", async () => {
    const simulator = await start({ maxConcurrentRequests: 96, millisecondsPerBatch: 5 });
    const dheera = dheeraOver({ reranker: [simulator] });
    const documents = manyDocuments(200);
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, client) =>
        dheera.rerank({ model: "reranker", query: `query ${client}`, documents }),
      ),
    );
    responses.forEach((response, client) => expect(rowsOf(response)).toEqual(oracleRows(`query ${client}`, documents)));
    expect(simulator.stats.statuses).toEqual({ 200: simulator.stats.calls + simulator.stats.infoCalls });
    expect(simulator.stats.peakPermits).toBeLessThanOrEqual(96);
    expect(simulator.stats.peakCallsInFlight).toBeGreaterThan(1);
  });

  it("gets through a storm of 429s that no limit announced", async () => {
    const simulator = await start({
      script: ({ path, number }) =>
        path === "/rerank" && number > 3 && number < 24 ? { kind: "refuse", status: 429 } : undefined,
    });
    const dheera = dheeraOver({ reranker: [simulator] });
    const documents = manyDocuments(640);
    expect(rowsOf(await dheera.rerank({ model: "reranker", query: "q", documents }))).toEqual(
      oracleRows("q", documents),
    );
    expect(simulator.stats.statuses[429]).toBe(20);
  });

  it.each([20, 100, 200])("serves %i documents at a server that hides its limit of 8", async (count) => {
    const simulator = await start({
      maxConcurrentRequests: 8,
      script: ({ path }) => (path === "/info" ? { kind: "refuse", status: 404 } : undefined),
    });
    const dheera = dheeraOver({ reranker: [simulator] });
    const documents = manyDocuments(count);
    expect(rowsOf(await dheera.rerank({ model: "reranker", query: "q", documents }))).toEqual(
      oracleRows("q", documents),
    );
    // 32 and 16 are too many; each further refusal is of a part that tried one more.
    expect(simulator.stats.statuses[429]).toBeLessThan(4 + count / 40);
    const before = simulator.stats.statuses[429] ?? 0;
    await dheera.rerank({ model: "reranker", query: "again", documents });
    expect((simulator.stats.statuses[429] ?? 0) - before).toBeLessThan(1 + count / 40);
  });

  it("asks a server for its limits again when it refuses what they allow", async () => {
    const simulator = await start();
    const dheera = dheeraOver({ reranker: [simulator] });
    await dheera.rerank({ model: "reranker", query: "first", documents: manyDocuments(1) });
    await simulator.kill();
    await simulator.restart({ maxConcurrentRequests: 4, maxClientBatchSize: 7 });
    for (const count of [20, 100, 200]) {
      const documents = manyDocuments(count);
      const response = await dheera.rerank({ model: "reranker", query: `${count}`, documents });
      expect(rowsOf(response)).toEqual(oracleRows(`${count}`, documents));
    }
    await eventually(async () => {
      await dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(1) });
      return dheera.deployments()[0]?.profile?.limits;
    }).toMatchObject({ documentsPerCall: 7, documentsInFlight: 4 });
  });

  it("shares the permits of a server with strangers who take most of them", async () => {
    const simulator = await start({ maxConcurrentRequests: 64, millisecondsPerBatch: 2 });
    const [ours, theirs] = [dheeraOver({ reranker: [simulator] }), dheeraOver({ reranker: [simulator] })];
    const documents = manyDocuments(640);
    const responses = await Promise.all(
      [ours, theirs].map((dheera) => dheera.rerank({ model: "reranker", query: "q", documents })),
    );
    for (const response of responses) expect(rowsOf(response)).toEqual(oracleRows("q", documents));
    expect(simulator.stats.statuses[429]).toBeGreaterThan(0);
  });

  it("serves a small request while a big one is still waiting", async () => {
    const simulator = await start({ maxConcurrentRequests: 64, millisecondsPerBatch: 2, maxBatchTokens: 500 });
    const order = admissionOrder();
    const dheera = dheeraOver({ reranker: [simulator] }, {}, { observer: order.observer });
    const big = dheera.rerank({ model: "reranker", query: "big", documents: manyDocuments(3000) });
    await eventually(() => simulator.stats.pairsScored).toBeGreaterThan(100);
    await eventually(() => dheera.deployments()[0]?.documentsQueued).toBeGreaterThan(500);
    const callId = order.follow();
    await dheera.rerank({ model: "reranker", query: "small", documents: manyDocuments(10) }, { callId });
    // No more than the server has places for.
    expect(order.before()).toBeLessThanOrEqual(64);
    expect((await big).results).toHaveLength(3000);
  });

  it("refuses at once what cannot be done before its deadline, and says when to come back", async () => {
    const simulator = await start({ maxConcurrentRequests: 32, millisecondsPerBatch: 200 });
    const dheera = dheeraOver({ reranker: [simulator] });
    // The speed of the server is learned from these.
    await dheera.rerank({ model: "reranker", query: "first", documents: manyDocuments(320) });
    const abort = new AbortController();
    const request = { model: "reranker", query: "load", documents: manyDocuments(1500) };
    const load = expect(dheera.rerank(request, { signal: abort.signal })).rejects.toMatchObject({ code: "cancelled" });
    await eventually(() => dheera.deployments()[0]?.documentsQueued).toBeGreaterThan(1000);
    const before = simulator.stats.documents;
    await expect(
      dheera.rerank({ model: "reranker", query: "hurry", documents: manyDocuments(900), timeout: 5 }),
    ).rejects.toMatchObject({
      code: "provider_overloaded",
      status: 503,
      retryAfter: expect.any(Number),
    });
    expect(simulator.stats.documents - before).toBeLessThan(500);
    abort.abort();
    await load;
  });

  it("bounds the queue", async () => {
    const simulator = await start({ maxConcurrentRequests: 32, millisecondsPerBatch: 5 });
    const dheera = dheeraOver({ reranker: [simulator] }, {}, { router_settings: { max_queued_documents: 100 } });
    await dheera.rerank({ model: "reranker", query: "first", documents: manyDocuments(1) });
    const ends = await Promise.allSettled(
      Array.from({ length: 10 }, (_, client) =>
        dheera.rerank({ model: "reranker", query: `query ${client}`, documents: manyDocuments(32) }),
      ),
    );
    const refused = ends.filter((end) => end.status === "rejected").map((end) => end.reason);
    expect(refused).toHaveLength(6);
    for (const error of refused)
      expect(error).toMatchObject({ code: "provider_overloaded", retryAfter: expect.any(Number) });
  });
});
