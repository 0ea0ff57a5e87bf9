import { type Provider, createDheera, readScores } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import { oracleRanking } from "../simulator/oracle.ts";
import type { Simulator } from "../simulator/simulator.ts";
import { dheeraOver, manyDocuments, rowsOf, start } from "./over.ts";

describe("a document that the model cannot take", () => {
  it.each([
    { name: "gives no number", illness: "nan" },
    { name: "breaks the tokenizer", illness: "tokenizer" },
  ] as const)("that $name is found and named", async ({ illness }) => {
    const simulator = await start({ illness: (text) => (text === "sick" ? illness : undefined) });
    const dheera = dheeraOver({ reranker: [simulator] });
    const documents = manyDocuments(300).with(137, "sick");
    await expect(dheera.rerank({ model: "reranker", query: "q", documents })).rejects.toMatchObject({
      code: "provider_rejected",
      status: 422,
      param: "documents[137]",
    });
  });

  it("that is too long is named when it may not be cut", async () => {
    const simulator = await start();
    const dheera = dheeraOver({ reranker: [simulator] });
    const documents = manyDocuments(100).with(42, "word ".repeat(1000));
    await expect(dheera.rerank({ model: "reranker", query: "q", documents, truncate: false })).rejects.toMatchObject({
      code: "provider_rejected",
      param: "documents[42]",
    });
    await expect(dheera.rerank({ model: "reranker", query: "q", documents })).resolves.toMatchObject({
      meta: { api_version: { version: "2" } },
    });
  });

  it("is ranked last with a warning when the caller wants that, and the others keep their scores", async () => {
    const simulator = await start({ illness: (text) => (text.startsWith("sick") ? "nan" : undefined) });
    const dheera = dheeraOver({ reranker: [simulator] });
    const documents = manyDocuments(300).with(137, "sick one").with(20, "sick two");
    const response = await dheera.rerank({ model: "reranker", query: "q", documents, on_document_error: "warn" });
    const healthy = oracleRanking("q", documents).filter(({ index }) => index !== 137 && index !== 20);
    expect(rowsOf(response).slice(0, 298)).toEqual(healthy);
    expect(response.results.slice(298).map(({ index }) => index)).toEqual([20, 137]);
    expect(response.meta.warnings?.join("\n")).toMatch(
      /documents\[20\][^]*documents\[137\]|documents\[137\][^]*documents\[20\]/,
    );
  });

  it("costs few extra calls", async () => {
    const simulator = await start({ illness: (text) => (text === "sick" ? "nan" : undefined) });
    const dheera = dheeraOver({ reranker: [simulator] });
    await dheera.rerank({
      model: "reranker",
      query: "q",
      documents: manyDocuments(320).with(7, "sick"),
      on_document_error: "warn",
    });
    // Ten batches, and two halves for each halving of the sick one.
    expect(simulator.stats.calls).toBeLessThanOrEqual(10 + 2 * Math.log2(32));
  });
});

describe("a model that compares all documents at once", () => {
  it("is never sent a part of them", async () => {
    const simulator = await start({ maxClientBatchSize: 100 });
    const response = await overOwnProvider(simulator, { scoring: "listwise" }).rerank({
      model: "own/model",
      query: "q",
      documents: manyDocuments(100),
    });
    expect(rowsOf(response)).toEqual(oracleRanking("q", manyDocuments(100)));
    expect(simulator.stats).toMatchObject({ calls: 1, documents: 100 });
  });

  it("refuses more than it can take before anything is sent", async () => {
    const simulator = await start();
    await expect(
      overOwnProvider(simulator, { scoring: "listwise" }).rerank({
        model: "own/model",
        query: "q",
        documents: manyDocuments(101),
      }),
    ).rejects.toMatchObject({
      code: "invalid_request",
      status: 400,
      message: expect.stringContaining("100"),
    });
    expect(simulator.stats.calls).toBe(0);
  });
});

describe("an upstream that bills each search", () => {
  it("is asked once where one call is enough, and the response warns when it was not", async () => {
    const simulator = await start({ maxClientBatchSize: 100 });
    const dheera = overOwnProvider(simulator, { billing: "per-search" });
    const one = await dheera.rerank({ model: "own/model", query: "q", documents: manyDocuments(100) });
    expect([simulator.stats.calls, one.meta.billed_units.search_units, one.meta.warnings]).toEqual([1, 1, undefined]);
    const three = await dheera.rerank({ model: "own/model", query: "q", documents: manyDocuments(250) });
    expect([simulator.stats.calls, three.meta.billed_units.search_units]).toEqual([4, 3]);
    expect(three.meta.warnings).toHaveLength(1);
  });
});

/** A third party's provider: at most 100 documents a call. */
function overOwnProvider(
  simulator: Simulator,
  how: { readonly scoring?: "listwise"; readonly billing?: "per-search" },
) {
  const own: Provider = {
    name: "own",
    connect: ({ http }) => ({
      profile: () => ({
        scoring: "pointwise",
        billing: "compute",
        scoreKind: "probability",
        fingerprint: "own",
        limits: { documentsPerCall: 100 },
        ...how,
      }),
      score: async ({ query, documents, signal }) => ({
        scores: readScores(
          await http.json(`${simulator.url}/rerank`, { method: "POST", body: { query, texts: documents }, signal }),
        ),
      }),
    }),
  };
  return createDheera({ providers: [own] });
}
