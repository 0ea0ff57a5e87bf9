import { MockLLM } from "@llamaindex/core/llms/mock";
import { BaseEmbedding, Document, RetrieverQueryEngine, Settings, VectorStoreIndex } from "llamaindex";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type AdapterProxy, startAdapterProxy } from "../../../test/clients/adapter-proxy.ts";
import { DheeraAIRerank, type DheeraAIRerankOptions } from "./index.ts";

/** Knows one word, so that what it finds has to be ordered again. */
class WordEmbedding extends BaseEmbedding {
  readonly #word: string;

  constructor(word: string) {
    super();
    this.#word = word;
  }

  override async getTextEmbedding(text: string): Promise<number[]> {
    return [text.toLowerCase().includes(this.#word) ? 1 : 0, 1];
  }
}

const llm = new MockLLM({ responseMessage: "It is Washington." });
const question = "Which city is the capital of the United States?";
const documents = [
  "Carson City is the seat of Nevada, a state of the West.",
  "Saipan is an island in the Pacific Ocean.",
  "Washington, D.C. is the capital of the United States.",
  "Paris is a city in France.",
];

describe("a query engine of LlamaIndex.TS with an index of vectors", () => {
  let proxy: AdapterProxy;
  let index: VectorStoreIndex;
  beforeAll(async () => {
    proxy = await startAdapterProxy();
    Settings.embedModel = new WordEmbedding("city");
    Settings.llm = llm;
    index = await VectorStoreIndex.fromDocuments(
      documents.map((text, line) => new Document({ text, metadata: { line }, excludedEmbedMetadataKeys: ["line"] })),
    );
  });
  afterAll(() => proxy[Symbol.asyncDispose]());

  it("finds another node without it", async () => {
    const [first] = await index.asRetriever({ similarityTopK: 4 }).retrieve(question);
    expect(first?.node.metadata["line"]).not.toBe(2);
  });

  it("answers from the node that the reranker puts first, in this process and at a proxy", async () => {
    const told = vi.spyOn(llm, "complete");
    const atProxy = { model: "dheera_ai/words", apiBase: proxy.url, apiKey: proxy.key };
    for (const place of [{ model: "bm25/default" }, atProxy] satisfies DheeraAIRerankOptions[]) {
      const reranker = new DheeraAIRerank({ ...place, topN: 1 });
      const engines = [
        new RetrieverQueryEngine(index.asRetriever({ similarityTopK: 4 }), undefined, [reranker]),
        index.asQueryEngine({ similarityTopK: 4, nodePostprocessors: [reranker] }),
      ];
      for (const engine of engines) {
        told.mockClear();
        const { message, sourceNodes } = await engine.query({ query: question });
        expect(message.content).toBe("It is Washington.");
        expect(sourceNodes?.map(({ node }) => node.metadata["line"])).toEqual([2]);
        expect(sourceNodes?.[0]?.score).toBeGreaterThan(0);
        const prompts = JSON.stringify(told.mock.calls);
        expect(prompts).toContain("Washington, D.C. is the capital");
        expect(prompts).not.toContain("Saipan");
      }
    }
  });
});
