import { createDheera, officialProviders, type RerankResponse } from "dheera-ai";
import { type BaseNode, ImageNode, MetadataMode, type MessageContent, type NodeWithScore, TextNode } from "llamaindex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type AdapterProxy, oddNames, startAdapterProxy } from "../../../test/clients/adapter-proxy.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { DheeraAIRerank, type DheeraAIRerankOptions } from "./index.ts";

const query = "cat";
const model = "bm25/default";

describe("DheeraAIRerank", () => {
  it("orders nodes by the reranker's scores, and changes none of them", async () => {
    const nodes = nodesOf("the dog", "the cat", "the horse");
    const before = structuredClone(nodes.map(({ node, score }) => ({ json: node.toJSON(), score })));
    const ranked = await new DheeraAIRerank({ model, topN: 2 }).postprocessNodes(nodes, query);
    expect(ranked.map(({ node }) => node.metadata["line"])).toEqual([1, 0]);
    expect(ranked[0]?.node).toBe(nodes[1]?.node);
    expect(ranked[0]?.score).toBeGreaterThan(0.5);
    expect(nodes.map(({ node, score }) => ({ json: node.toJSON(), score }))).toEqual(before);
  });

  it("gives no nodes for none, without a query and without asking", async () => {
    await expect(new DheeraAIRerank({ model: "nobody/has-it" }).postprocessNodes([])).resolves.toEqual([]);
  });

  it("ranks the text that embeddings are made of, or what metadataMode names", async () => {
    const node = new TextNode({ text: "an animal", metadata: { kind: "cat", secret: "horse" } });
    node.excludedEmbedMetadataKeys = ["secret"];
    const nodes = [{ node }];
    const scoreOf = async (asked: string, metadataMode?: `${MetadataMode}`): Promise<number | undefined> => {
      const ranked = await new DheeraAIRerank({ model, metadataMode }).postprocessNodes(nodes, asked);
      return ranked[0]?.score;
    };
    expect(await scoreOf("cat")).toBeGreaterThan(0);
    expect(await scoreOf("horse")).toBe(0);
    expect(await scoreOf("horse", MetadataMode.ALL)).toBeGreaterThan(0);
    expect(await scoreOf("horse", "LLM")).toBeGreaterThan(0);
    expect(await scoreOf("cat", "NONE")).toBe(0);
  });

  it("puts nodes without text last, without a score and without ranking them, and counts them for topN", async () => {
    const image = new ImageNode({ image: "http://localhost/cat.png" });
    const nodes = [{ node: image, score: 0.9 }, ...nodesOf("the dog", " ", "the cat")];
    const ranked = await new DheeraAIRerank({ model }).postprocessNodes(nodes, query);
    expect(linesOf(ranked)).toEqual([2, 0, undefined, 1]);
    expect(ranked.map(({ score }) => typeof score)).toEqual(["number", "number", "undefined", "undefined"]);
    expect(ranked[2]?.node).toBe(image);
    expect(await new DheeraAIRerank({ model, topN: 3 }).postprocessNodes(nodes, query)).toHaveLength(3);
    expect(await new DheeraAIRerank({ model: "nobody/has-it" }).postprocessNodes([{ node: image }], query)).toEqual([
      { node: image },
    ]);
  });

  it("leaves out nodes below minScore, and those that have no score", async () => {
    const ranked = await new DheeraAIRerank({ model, minScore: 0.1 }).postprocessNodes(
      nodesOf("the dog", "", "the cat"),
      query,
    );
    expect(linesOf(ranked)).toEqual([2]);
  });

  it("takes the texts of a query of several parts, and refuses one with an image", async () => {
    const reranker = new DheeraAIRerank({ model });
    const nodes = nodesOf("the dog", "the cat", "the horse");
    const parts: MessageContent = [
      { type: "text", text: "horse" },
      { type: "text", text: "and nothing else" },
    ];
    expect(linesOf(await reranker.postprocessNodes(nodes, parts))[0]).toBe(2);
    const withImage: MessageContent = [...parts, { type: "image_url", image_url: { url: "http://localhost/a.png" } }];
    await expect(reranker.postprocessNodes(nodes, withImage)).rejects.toMatchObject({
      code: "invalid_request",
      message: "query[2]: is no text (image_url), and rerankers compare texts; describe it in words",
    });
    await expect(reranker.postprocessNodes(nodes)).rejects.toThrow("query: is required");
    await expect(reranker.postprocessNodes(nodes, " ")).rejects.toThrow("query: must not be empty");
  });

  it("refuses options that are wrong by their names", async () => {
    const nodes = nodesOf("the dog");
    const wrong: Partial<DheeraAIRerankOptions>[] = [{ topN: 0 }, { minScore: Number.NaN }, { timeout: -1 }];
    const names = ["top_n", "min_score", "timeout"];
    for (const [index, option] of wrong.entries())
      await expect(new DheeraAIRerank({ model, ...option }).postprocessNodes(nodes, query)).rejects.toMatchObject({
        code: "invalid_request",
        param: names[index],
      });
    const mode = Object.assign({ model }, JSON.parse('{ "metadataMode": "TITLE" }'));
    await expect(new DheeraAIRerank(mode).postprocessNodes(nodes, query)).rejects.toThrow(
      "metadataMode: must be one of",
    );
  });

  it("asks an instance of one's own, and hands each answer over", async () => {
    const answers: RerankResponse[] = [];
    await using dheera = createDheera({
      providers: [
        {
          name: "priced",
          connect: () => ({
            profile: () => ({
              scoring: "pointwise",
              scoreKind: "probability",
              billing: "per-token",
              fingerprint: "priced",
              limits: {},
              price: { perToken: 0.001 },
            }),
            // The later a document, the better.
            score: async ({ documents }) => ({
              scores: documents.map((_, index) => ({ index, score: (index + 1) / (documents.length + 1) })),
              usage: { inputTokens: 20 },
            }),
          }),
        },
      ],
      model_list: [{ model_name: "mine", dheera_ai_params: { model: "priced/m" } }],
    });
    const reranker = new DheeraAIRerank({ model: "mine", dheera, onResponse: (response) => answers.push(response) });
    expect(linesOf(await reranker.postprocessNodes(nodesOf("a", "b", "c"), query))).toEqual([2, 1, 0]);
    expect(answers).toMatchObject([{ model: "mine", usage: { total_tokens: 20, cost: 0.02 } }]);
  });

  it("ranks 10,000 nodes, each once", async () => {
    const nodes = nodesOf(...Array.from({ length: 10_000 }, (_, line) => (line === 7_777 ? "the cat" : "the dog")));
    const ranked = await new DheeraAIRerank({ model }).postprocessNodes(nodes, query);
    expect(ranked[0]?.node.metadata["line"]).toBe(7_777);
    expect(new Set(linesOf(ranked)).size).toBe(10_000);
  });

  it("refuses a cache that nobody has", async () => {
    const cache = { ttl: 60 };
    const refusal = { code: "invalid_request", param: "cache" };
    expect(() => new DheeraAIRerank({ model, cache })).toThrow(expect.objectContaining(refusal));
    await using dheera = createDheera({ providers: officialProviders({ environment: {} }) });
    const reranker = new DheeraAIRerank({ model, cache, dheera });
    expect(await reranker.postprocessNodes(nodesOf("the dog"), query)).toHaveLength(1);
  });

  it("shows no key to whatever prints it", () => {
    const reranker = new DheeraAIRerank({ model, apiBase: "http://localhost:4000", apiKey: "sk-secret" });
    expect(JSON.stringify(reranker)).not.toContain("sk-secret");
  });
});

describe("DheeraAIRerank at a proxy", () => {
  let proxy: AdapterProxy;
  beforeAll(async () => {
    proxy = await startAdapterProxy();
  });
  afterAll(() => proxy[Symbol.asyncDispose]());

  const at = (name: string, options: Partial<DheeraAIRerankOptions> = {}): DheeraAIRerank =>
    new DheeraAIRerank({ model: `dheera_ai/${name}`, apiBase: proxy.url, apiKey: proxy.key, ...options });

  it("ranks with a key", async () => {
    const ranked = await at("words", { topN: 1 }).postprocessNodes(nodesOf("the dog", "the cat"), query);
    expect(linesOf(ranked)).toEqual([1]);
  });

  it.each(oddNames)("uses a model that the proxy calls %j as a fallback", async (name) => {
    const nodes = nodesOf("the dog", "the cat");
    const fallbacks = [`dheera_ai/${name}`];
    await expect(at("down").postprocessNodes(nodes, query)).rejects.toMatchObject({ code: "provider_unreachable" });
    expect(linesOf(await at("down", { fallbacks }).postprocessNodes(nodes, query))).toEqual([1, 0]);
    expect(linesOf(await at(name).postprocessNodes(nodes, query))).toEqual([1, 0]);
  });

  it("falls back to a model of the process, which gets neither the address nor the key of the proxy", async () => {
    const reranker = at("down", { fallbacks: ["bm25/default"] });
    expect(linesOf(await reranker.postprocessNodes(nodesOf("the dog", "the cat"), query))).toEqual([1, 0]);
  });

  it("says that a key is wrong, and that the proxy has no such model", async () => {
    const nodes = nodesOf("the dog");
    await expect(at("words", { apiKey: "sk-wrong" }).postprocessNodes(nodes, query)).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await expect(at("nobody-has-it").postprocessNodes(nodes, query)).rejects.toMatchObject({ code: "model_not_found" });
  });

  it("ends the request at the server when its signal aborts", async () => {
    const { arrived, gone } = proxy.hanging;
    const controller = new AbortController();
    const asked = at("hangs", { signal: controller.signal }).postprocessNodes(nodesOf("the dog"), query);
    const outcome = expect(asked).rejects.toMatchObject({ code: "cancelled" });
    await eventually(() => proxy.hanging.arrived).toBe(arrived + 1);
    controller.abort();
    await outcome;
    await eventually(() => proxy.hanging.gone).toBe(gone + 1);
  });
});

function linesOf(nodes: readonly { readonly node: BaseNode }[]): readonly unknown[] {
  return nodes.map(({ node }) => node.metadata["line"]);
}

/** Each with the score of a retriever, and its position as metadata that no embedding sees. */
function nodesOf(...texts: readonly string[]): NodeWithScore[] {
  return texts.map((text, line) => ({
    node: new TextNode({ text, metadata: { line }, excludedEmbedMetadataKeys: ["line"] }),
    score: 0.5,
  }));
}
