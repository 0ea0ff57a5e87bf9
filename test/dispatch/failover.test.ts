import type { DeploymentStatus, DheeraEvent } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { always } from "../simulator/faults/faults.ts";
import { eventually } from "../support/eventually.ts";
import { dheeraOver, manyDocuments, oracleRows, rowsOf, start } from "./over.ts";

describe("failover", () => {
  it("loses no request when one of two replicas dies under load, nor when it comes back", async () => {
    const [mortal, steady] = [await start({ millisecondsPerBatch: 1 }), await start({ millisecondsPerBatch: 1 })];
    const dheera = dheeraOver({ reranker: [mortal, steady] }, {}, { router_settings: { cooldown_time: 0.05 } });
    const documents = manyDocuments(100);
    let done = 0;
    const client = async (_: unknown, number: number): Promise<void> => {
      for (let request = 0; request < 10; request++) {
        // No two the same: equal work would be shared.
        const query = `client ${number}, request ${request}`;
        expect(rowsOf(await dheera.rerank({ model: "reranker", query, documents }))).toEqual(
          oracleRows(query, documents),
        );
        done += 1;
        if (done === 50) await mortal.kill();
        if (done === 120) await mortal.restart();
      }
    };
    await Promise.all(Array.from({ length: 20 }).map(client));
    expect(done).toBe(200);
    expect(mortal.stats.calls).toBeGreaterThan(0);
  });

  it("keeps what other batches brought when one of them fails", async () => {
    const [moody, steady] = [
      await start({
        script: ({ path, number }) => (path === "/rerank" && number === 1 ? { kind: "reset" } : undefined),
      }),
      await start(),
    ];
    const dheera = dheeraOver({ reranker: [moody, steady] });
    const documents = manyDocuments(640);
    expect(rowsOf(await dheera.rerank({ model: "reranker", query: "q", documents }))).toEqual(
      oracleRows("q", documents),
    );
    expect(moody.stats.documents + steady.stats.documents).toBe(640 + 32);
  });

  it("leaves a failing deployment alone, and comes back when it has recovered", async () => {
    const events: DheeraEvent[] = [];
    let cooling: DeploymentStatus | undefined;
    const [sick, healthy] = [await start({ script: always({ kind: "refuse", status: 500 }) }), await start()];
    const dheera = dheeraOver(
      { reranker: [sick, healthy] },
      {},
      {
        router_settings: { allowed_fails: 1, cooldown_time: 1, routing_strategy: "least-busy" },
        observer: {
          event: (event) => {
            events.push(event);
            // Looked at in this moment: on a busy machine the second may be over when the request is.
            if (event.type === "cooldown") [cooling] = dheera.deployments();
          },
        },
      },
    );
    const request = () => dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(16) });
    await eventually(async () => (await request(), events)).toContainEqual(
      expect.objectContaining({ type: "cooldown", deployment: "reranker-0" }),
    );
    expect(cooling).toMatchObject({ state: "cooling", lastError: "provider_failed" });
    sick.follow(undefined);
    await eventually(async () => (await request(), events)).toContainEqual(
      expect.objectContaining({ type: "recovered", deployment: "reranker-0" }),
    );
    expect(dheera.deployments()[0]?.state).toBe("healthy");
  });

  it("gives up with the reason when every replica fails, also while all of them cool down", async () => {
    const simulators = await Promise.all(Array.from({ length: 4 }, () => start({ script: always({ kind: "reset" }) })));
    const dheera = dheeraOver(
      { reranker: simulators },
      {},
      { router_settings: { allowed_fails: 0, num_retries: 1, cooldown_time: 3_600 } },
    );
    for (let request = 0; request < 3; request++)
      await expect(
        dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(100) }),
      ).rejects.toMatchObject({
        code: "provider_unreachable",
      });
    expect(dheera.deployments().map(({ state }) => state)).toEqual(["cooling", "cooling", "cooling", "cooling"]);
  });

  it("asks a server once that does not know the path", async () => {
    const elsewhere = await start({ script: always({ kind: "refuse", status: 404, body: "" }) });
    const dheera = dheeraOver({ reranker: [elsewhere] }, {}, { router_settings: { num_retries: 2 } });
    await expect(dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(4) })).rejects.toMatchObject({
      code: "provider_failed",
      permanent: true,
    });
    expect(elsewhere.stats.calls).toBe(1);
  });

  it("goes on with the fallback's deployments, whole, and says who served", async () => {
    const [broken, other] = [
      await start({ script: ({ path, number }) => (path === "/rerank" && number > 2 ? { kind: "reset" } : undefined) }),
      await start({ modelSha: "other" }),
    ];
    const dheera = dheeraOver(
      { first: [broken], second: [other] },
      {},
      { router_settings: { num_retries: 0, fallbacks: [{ first: ["second"] }] } },
    );
    const documents = manyDocuments(200);
    const response = await dheera.rerank({ model: "first", query: "q", documents });
    expect(rowsOf(response)).toEqual(oracleRows("q", documents, "other"));
    expect(response.model).toBe("second");
    // Scores of different models do not compare: the fallback scores everything.
    expect(other.stats.documents).toBe(200);
  });

  it("does not insist on an overloaded server while a fallback is ready", async () => {
    const [overloaded, other] = [
      await start({ script: always({ kind: "refuse", status: 429 }) }),
      await start({ modelSha: "other" }),
    ];
    const dheera = dheeraOver(
      { first: [overloaded], second: [other] },
      {},
      { router_settings: { num_retries: 2, fallbacks: [{ first: ["second"] }] } },
    );
    const { model } = await dheera.rerank({ model: "first", query: "q", documents: manyDocuments(10) });
    expect(model).toBe("second");
    expect(overloaded.stats.calls).toBe(1 + 2);
  });

  it("never mixes scores of deployments whose models differ", async () => {
    const [one, two] = [await start({ modelSha: "one" }), await start({ modelSha: "two" })];
    const dheera = dheeraOver({ reranker: [one, two] });
    await dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(500) });
    expect([one.stats.documents, two.stats.documents].sort((a, b) => a - b)).toEqual([0, 500]);
  });

  it("answers in input order, and says so, where nothing can rank and the model wants it so", async () => {
    const broken = await start({ script: always({ kind: "refuse", status: 500 }) });
    const dheera = dheeraOver(
      { reranker: [broken] },
      { on_error: "passthrough" },
      { router_settings: { num_retries: 0 } },
    );
    const response = await dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(5), top_n: 3 });
    expect(response.results.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(response.meta.reranked).toBe(false);
    expect(response.meta.warnings).toHaveLength(1);
  });

  it.each([
    { name: "a limit it did not announce", limits: { maxClientBatchSize: 7 } },
    { name: "a limit of an older version", limits: { maxClientBatchSize: 7, version: "1.8.3" } },
  ])("learns $name from the refusal", async ({ limits }) => {
    const silent = await start({
      ...limits,
      script: ({ path }) => (path === "/info" ? { kind: "refuse", status: 404, body: "" } : undefined),
    });
    const dheera = dheeraOver({ reranker: [silent] });
    const documents = manyDocuments(100);
    const request = async () => rowsOf(await dheera.rerank({ model: "reranker", query: "q", documents }));
    expect(await request()).toEqual(oracleRows("q", documents));
    const callsOfFirst = silent.stats.calls;
    expect(await request()).toEqual(oracleRows("q", documents));
    expect(silent.stats.calls - callsOfFirst).toBe(Math.ceil(100 / 7));
  });
});
