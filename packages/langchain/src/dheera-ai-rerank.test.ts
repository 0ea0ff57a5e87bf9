import { inspect } from "node:util";

// It lets LangChain carry the config of a run along, as LangGraph does.
import "@langchain/core/context";
import { ContextualCompressionRetriever } from "@langchain/classic/retrievers/contextual_compression";
import { DocumentCompressorPipeline } from "@langchain/classic/retrievers/document_compressors";
import { MemoryVectorStore } from "@langchain/classic/vectorstores/memory";
import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { PromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda, RunnablePassthrough, RunnableSequence } from "@langchain/core/runnables";
import { createDheera, isDheeraError, officialProviders } from "dheera-ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type AdapterProxy, oddNames, startAdapterProxy } from "../../../test/clients/adapter-proxy.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { DheeraAIRerank } from "./index.ts";

const query = "What is the capital of the United States?";
const pages = [
  { id: "nevada", pageContent: "Carson City is the capital city of the American state of Nevada.", page: 1 },
  { id: "islands", pageContent: "Saipan is an island.", page: 2 },
  { id: "states", pageContent: "Washington, D.C. is the capital of the United States.", page: 3 },
];
const documents = pages.map(
  ({ id, pageContent, page }) => new Document({ id, pageContent, metadata: { page, title: id } }),
);

let proxy: AdapterProxy;
beforeAll(async () => {
  proxy = await startAdapterProxy();
});
afterAll(() => proxy[Symbol.asyncDispose]());

const atProxy = (fields: object = {}): DheeraAIRerank =>
  new DheeraAIRerank({ model: "dheera_ai/words", apiBase: proxy.url, apiKey: proxy.key, ...fields });
const here = (fields: object = {}): DheeraAIRerank => new DheeraAIRerank({ model: "bm25/default", ...fields });

describe.each([
  { where: "in the process", make: here },
  { where: "at a proxy", make: atProxy },
])("DheeraAIRerank $where", ({ make }) => {
  it("puts the best documents first, with their id, their metadata and a score, and leaves the caller's as they were", async () => {
    const before = structuredClone(documents);
    const found = await make({ topN: 2 }).compressDocuments(documents, query);
    expect(found.map(({ id }) => id)).toEqual(["states", "nevada"]);
    expect(found[0]).toBeInstanceOf(Document);
    expect(found[0]).toEqual({
      ...documents[2],
      metadata: { page: 3, title: "states", relevanceScore: expect.any(Number) },
    });
    expect(structuredClone(documents)).toEqual(before);
  });

  it("ranks texts, documents and records by their position", async () => {
    const mixed = ["Saipan is an island.", ...documents.slice(2), { city: "Carson City", is: "a capital" }];
    const ranked = await make().rerank(mixed, query);
    expect(ranked.map(({ index }) => index)).toEqual([1, 2, 0]);
    expect(ranked.map(({ relevanceScore }) => relevanceScore)).toEqual(
      ranked.map(({ relevanceScore }) => relevanceScore).toSorted((one, other) => other - one),
    );
    expect(await make().rerank(mixed, query, { topN: 1 })).toEqual(ranked.slice(0, 1));
  });

  it("leaves out what is below minScore, of the compressor or of the call", async () => {
    const lowest = (await make().rerank(documents, query)).at(-1)?.relevanceScore ?? Number.NaN;
    expect(await make({ minScore: lowest + 0.1 }).compressDocuments(documents, query)).toHaveLength(2);
    expect(await make().compressDocuments(documents, query, undefined, { minScore: 1000 })).toEqual([]);
  });

  it("scores metadata too where rankFields names it, and sends no other", async () => {
    const titled = [
      new Document({ pageContent: "same", metadata: { title: "a sun", secret: 1n } }),
      new Document({ pageContent: "same", metadata: { title: "the moon", secret: 2n } }),
    ];
    const compressor = make({ rankFields: ["title", "text"] });
    expect((await compressor.rerank(titled, "moon"))[0]?.index).toBe(1);
    expect((await compressor.compressDocuments(titled, "moon"))[0]?.metadata).toMatchObject({ secret: 2n });
    const [byContent] = await compressor.rerank(titled, "moon", { rankFields: null });
    expect(byContent).toEqual({ index: 0, relevanceScore: 0 });
  });

  it("ranks 2,000 documents, each once, in one call", async () => {
    const many = Array.from(
      { length: 2_000 },
      (_, page) => new Document({ id: `${page}`, pageContent: `word ${page}`, metadata: { page } }),
    );
    const found = await make().compressDocuments(many, "word 1234");
    expect(found[0]?.id).toBe("1234");
    expect(new Set(found.map(({ id }) => id)).size).toBe(2_000);
    expect(found.every(({ id, metadata }) => id === `${metadata["page"]}`)).toBe(true);
  });

  it("refuses what a request may not say with a DheeraError that names the field", async () => {
    const failure: unknown = await make({ topN: 0 })
      .compressDocuments(documents, query)
      .catch((error: unknown) => error);
    expect(isDheeraError(failure)).toBe(true);
    expect(failure).toMatchObject({ code: "invalid_request", message: expect.stringContaining("top_n") });
    const noText = { pageContent: 7, metadata: {} } as unknown as Document;
    await expect(make().compressDocuments([noText], query)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("asks nobody for an empty list", async () => {
    const compressor = new DheeraAIRerank({ model: "no/such", apiBase: "http://127.0.0.1:1" });
    expect([await compressor.compressDocuments([], query), await compressor.rerank([], query)]).toEqual([[], []]);
  });

  it("is a part of a retriever, of a pipeline of compressors and of a chain", async () => {
    const store = await MemoryVectorStore.fromDocuments(documents, new LetterEmbeddings({}));
    const pipeline = new DocumentCompressorPipeline({ transformers: [make(), make({ topN: 2 })] });
    const retriever = new ContextualCompressionRetriever({
      baseRetriever: store.asRetriever(3),
      baseCompressor: pipeline,
    });
    const chain = RunnableSequence.from([
      { context: retriever, question: new RunnablePassthrough() },
      {
        context: ({ context }: { context: Document[] }) => context.map(({ pageContent }) => pageContent).join(" "),
        question: ({ question }: { question: string }) => question,
      },
      PromptTemplate.fromTemplate("{context} {question}"),
      (prompt: { toString(): string }) => prompt.toString(),
    ]);
    expect(await chain.invoke(query)).toBe(`${pages[2]?.pageContent} ${pages[0]?.pageContent} ${query}`);
    const [best] = await retriever.invoke(query);
    expect(best).toMatchObject({ id: "states", metadata: { page: 3, relevanceScore: expect.any(Number) } });
  });

  it("tells the callbacks of a run what it used, and no text", async () => {
    const store = await MemoryVectorStore.fromDocuments(documents, new LetterEmbeddings({}));
    const retriever = new ContextualCompressionRetriever({
      baseRetriever: store.asRetriever(3),
      baseCompressor: make({ topN: 1, explain: true }),
    });
    const told: unknown[] = [];
    await retriever.invoke(query, {
      callbacks: [{ handleCustomEvent: (name: string, payload: unknown) => void told.push({ name, payload }) }],
    });
    await eventually(() => told).toHaveLength(1);
    expect(told).toMatchObject([
      {
        name: "dheera_ai_rerank",
        payload: { documents: 3, results: 1, meta: { explain: expect.anything() }, usage: expect.anything() },
      },
    ]);
    expect(JSON.stringify(told)).not.toContain("capital");
  });
});

describe("DheeraAIRerank at a proxy", () => {
  it.each(oddNames)(
    "uses a model that the proxy calls %j as a fallback, of the compressor or of a call",
    async (name) => {
      const fallbacks = [`dheera_ai/${name}`];
      const down = { model: "dheera_ai/down" };
      await expect(atProxy(down).rerank(documents, query)).rejects.toMatchObject({ code: "provider_unreachable" });
      for (const ranked of [
        await atProxy({ ...down, fallbacks }).rerank(documents, query),
        await atProxy(down).rerank(documents, query, { fallbacks }),
        await atProxy({ model: fallbacks[0] }).rerank(documents, query),
      ])
        expect(ranked[0]?.index).toBe(2);
    },
  );

  it("falls back to a model of the process, which gets neither the address nor the key of the proxy", async () => {
    const compressor = atProxy({ model: "dheera_ai/down", fallbacks: ["bm25/default"] });
    expect((await compressor.rerank(documents, query))[0]?.index).toBe(2);
  });

  it.each([
    { what: "a key that is not known", fields: { apiKey: "sk-another" }, code: "unauthenticated" },
    { what: "a model that is not there", fields: { model: "dheera_ai/other" }, code: "model_not_found" },
    {
      what: "a server that does not answer in time",
      fields: { model: "dheera_ai/hangs", timeout: 0.2 },
      code: "timeout",
    },
  ])("is refused with a DheeraError for $what", async ({ fields, code }) => {
    await expect(atProxy(fields).compressDocuments(documents, query)).rejects.toMatchObject({ code });
  });

  it("is refused when the limit of its key is used up, and hears until when", async () => {
    // It waits as long as it is told, where that is within its timeout.
    const limited = atProxy({ apiKey: proxy.limitedKey, timeout: 10 });
    const ask = (): Promise<unknown> => limited.rerank(documents, query).catch((error: unknown) => error);
    await eventually(ask).toMatchObject({ code: "rate_limited", retryAfter: expect.any(Number) });
  });

  it.each([
    { whose: "the compressor", start: (signal: AbortSignal) => atProxy({ ...hangs, signal }).rerank(documents, query) },
    {
      whose: "the call",
      start: (signal: AbortSignal) => atProxy(hangs).compressDocuments(documents, query, [], { signal }),
    },
  ])("gives up when the signal of $whose is aborted, and so does the proxy", async ({ start }) => {
    const { arrived, gone } = proxy.hanging;
    const controller = new AbortController();
    const asked = start(controller.signal).catch((error: unknown) => error);
    await eventually(() => proxy.hanging.arrived).toBe(arrived + 1);
    controller.abort();
    expect(await asked).toMatchObject({ code: "cancelled" });
    await eventually(() => proxy.hanging.gone).toBe(gone + 1);
  });

  it("gives up with the run that it is a part of, where LangChain carries its config along", async () => {
    const { arrived, gone } = proxy.hanging;
    const controller = new AbortController();
    const node = RunnableLambda.from((question: string) => atProxy(hangs).compressDocuments(documents, question));
    const asked = node.invoke(query, { signal: controller.signal }).catch(() => "given up");
    await eventually(() => proxy.hanging.arrived).toBe(arrived + 1);
    controller.abort();
    expect(await asked).toBe("given up");
    await eventually(() => proxy.hanging.gone).toBe(gone + 1);
  });
});

const hangs = { model: "dheera_ai/hangs" };

describe("DheeraAIRerank", () => {
  it("ranks with an instance of the caller's, and its models", async () => {
    await using dheera = createDheera({
      providers: officialProviders({ environment: {} }),
      model_list: [{ model_name: "words", dheera_ai_params: { model: "bm25/default" } }],
    });
    const compressor = new DheeraAIRerank({ dheera, model: "words", topN: 1 });
    expect(await compressor.rerank(documents, query)).toMatchObject([{ index: 2 }]);
    await expect(compressor.rerank(documents, query, { model: "others" })).rejects.toMatchObject({
      code: "model_not_found",
    });
  });

  it("refuses a cache that nobody has, of the compressor or of a call", async () => {
    const refusal = { code: "invalid_request", param: "cache" };
    const cache = { ttl: 60 };
    expect(() => here({ cache })).toThrow(expect.objectContaining(refusal));
    await expect(here().rerank(documents, query, { cache })).rejects.toMatchObject(refusal);
    await using dheera = createDheera({ providers: officialProviders({ environment: {} }) });
    expect(await here({ cache, dheera }).rerank(documents, query)).toHaveLength(3);
  });

  it("shows no key to whoever prints it or makes JSON of it or of a retriever around it", async () => {
    const compressor = here({ apiKey: "sk-nobody-may-see", topN: 2 });
    const store = new MemoryVectorStore(new LetterEmbeddings({}));
    const retriever = new ContextualCompressionRetriever({
      baseRetriever: store.asRetriever(),
      baseCompressor: compressor,
    });
    const shown = [compressor, retriever].flatMap((value) => [
      inspect(value, { depth: Infinity, showHidden: true }),
      JSON.stringify(value),
    ]);
    expect(shown.join("\n")).not.toContain("sk-nobody-may-see");
    expect(JSON.parse(JSON.stringify(compressor))).toEqual({ model: "bm25/default", topN: 2 });
    expect(DheeraAIRerank.lc_name()).toBe("DheeraAIRerank");
  });

  it("checks the types of its fields against those of a request", () => {
    const make = (): unknown => [
      // @ts-expect-error a score is a number
      new DheeraAIRerank({ model: "m", minScore: "high" }),
      // @ts-expect-error a model is needed
      new DheeraAIRerank({ topN: 1 }),
      // @ts-expect-error its name is topN
      new DheeraAIRerank({ model: "m", top_n: 1 }),
      new DheeraAIRerank({
        model: "m",
        longDocuments: "chunk_max",
        dheera: createDheera({ providers: [] }),
        cache: { ttl: 3 },
        fallbacks: ["n"],
        maxTokensPerDoc: 9,
      }),
    ];
    expect(make).not.toThrow();
  });
});

/** How often each letter is in a text. */
class LetterEmbeddings extends Embeddings {
  embedQuery(text: string): Promise<number[]> {
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    return Promise.resolve(letters.map((letter) => text.toLowerCase().split(letter).length - 1));
  }

  embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}
