import { rerank } from "ai";
import { createDheera, officialProviders } from "dheera-ai";
import { describe, expect, it } from "vitest";

import { createDheeraAI, dheera } from "./index.ts";

const query = "cat";
const documents = ["the dog", "the cat", "the horse"];

describe("rerank of the AI SDK, in this process", () => {
  it("ranks with the official providers", async () => {
    const { ranking, rerankedDocuments, originalDocuments, response, providerMetadata } = await rerank({
      model: dheera("bm25/default"),
      query,
      documents,
      topN: 2,
    });
    expect(ranking).toMatchObject([{ originalIndex: 1, document: "the cat" }, { originalIndex: 0 }]);
    expect(ranking[0]?.score).toBeGreaterThan(0);
    expect(rerankedDocuments).toEqual(["the cat", "the dog"]);
    expect(originalDocuments).toEqual(documents);
    expect(response).toMatchObject({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      modelId: "bm25/default",
      timestamp: expect.any(Date),
      body: { results: [{ index: 1 }, { index: 0 }] },
    });
    expect(response.headers).toBeUndefined();
    expect(providerMetadata?.["dheera"]).toMatchObject({
      provider: "bm25",
      deployment: expect.stringContaining("bm25/default"),
      score_kind: "unknown",
      usage: { total_tokens: 0 },
    });
  });

  it("ranks records by all their fields, or by those that are named, as the library does", async () => {
    const records = [
      { title: "cat", body: "an animal" },
      { title: "an animal", body: "cat cat cat" },
      { title: "an animal", body: "the horse", owner: null },
    ];
    const ask = (dheeraOptions: Record<string, string[]>) =>
      rerank({
        model: dheera("bm25/default"),
        query: "cat",
        documents: records,
        providerOptions: { dheera: dheeraOptions },
      });
    const all = await ask({});
    expect(all.rerankedDocuments[0]).toBe(records[1]);
    expect(all.ranking.filter(({ score }) => score > 0)).toHaveLength(2);
    const byTitle = await ask({ rank_fields: ["title"] });
    expect(byTitle.rerankedDocuments[0]).toBe(records[0]);
    expect(byTitle.ranking.filter(({ score }) => score > 0)).toHaveLength(1);
  });

  it("asks an instance of one's own by the names of its model_list", async () => {
    await using instance = createDheera({
      providers: officialProviders({ environment: {} }),
      model_list: [{ model_name: "words", dheera_ai_params: { model: "bm25/default" }, model_info: { id: "first" } }],
    });
    const own = createDheeraAI({ dheera: instance });
    const { ranking, response, providerMetadata } = await rerank({ model: own("words"), query, documents });
    expect(ranking.map(({ originalIndex }) => originalIndex)).toEqual([1, 0, 2]);
    expect(response.modelId).toBe("words");
    expect(providerMetadata?.["dheera"]).toMatchObject({ deployment: "first" });
  });

  it("uses models of the library as fallbacks, without a model_list", async () => {
    // Nobody listens there.
    const model = dheera("hosted_vllm/m");
    const before = process.env["HOSTED_VLLM_API_BASE"];
    process.env["HOSTED_VLLM_API_BASE"] = "http://127.0.0.1:9";
    try {
      const providerOptions = { dheera: { fallbacks: ["bm25/default"] } };
      const { ranking, response } = await rerank({ model, query, documents, providerOptions });
      expect(ranking[0]?.originalIndex).toBe(1);
      expect(response.modelId).toBe("bm25/default");
    } finally {
      if (before === undefined) delete process.env["HOSTED_VLLM_API_BASE"];
      else process.env["HOSTED_VLLM_API_BASE"] = before;
    }
  });

  it("warns that cache has no effect without an instance that may have one", async () => {
    const documentsOf = { type: "text" as const, values: documents };
    const call = { query, documents: documentsOf, providerOptions: { dheera: { cache: { ttl: 60 } } } };
    expect((await dheera("bm25/default").doRerank(call)).warnings).toEqual([
      { type: "unsupported", feature: "providerOptions.dheera.cache", details: expect.stringContaining("instance") },
    ]);
    await using instance = createDheera({ providers: officialProviders({ environment: {} }) });
    const own = createDheeraAI({ dheera: instance });
    expect((await own("bm25/default").doRerank(call)).warnings).toEqual([]);
  });

  it("returns all documents where topN is more than there are, and asks nobody where there are none", async () => {
    const model = dheera("bm25/default");
    expect((await rerank({ model, query, documents, topN: 50 })).ranking).toHaveLength(3);
    expect((await rerank({ model: dheera("nobody/has-it"), query, documents: [] })).ranking).toEqual([]);
  });

  it("ranks 10,000 documents, each once", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => (index === 7_777 ? "the cat" : `the dog ${index}`));
    const { ranking } = await rerank({ model: dheera("bm25/default"), query, documents: many });
    expect(ranking[0]?.originalIndex).toBe(7_777);
    expect(new Set(ranking.map(({ originalIndex }) => originalIndex)).size).toBe(10_000);
  });
});
