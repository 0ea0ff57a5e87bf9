import { MetadataMode, type NodeWithScore, TextNode } from "@llamaindex/core/schema";
import { describe, expect, it } from "vitest";

import { DheeraAIRerank } from "./index.ts";

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
    const scoreOf = async (asked: string, metadataMode?: MetadataMode): Promise<number | undefined> => {
      const ranked = await new DheeraAIRerank({ model, metadataMode }).postprocessNodes(nodes, asked);
      return ranked[0]?.score;
    };
    expect(await scoreOf("cat")).toBeGreaterThan(0);
    expect(await scoreOf("horse")).toBe(0);
    expect(await scoreOf("horse", MetadataMode.ALL)).toBeGreaterThan(0);
    expect(await scoreOf("cat", MetadataMode.NONE)).toBe(0);
  });
});

/** Each with the score of a retriever, and its position as metadata that no embedding sees. */
function nodesOf(...texts: readonly string[]): NodeWithScore[] {
  return texts.map((text, line) => ({
    node: new TextNode({ text, metadata: { line }, excludedEmbedMetadataKeys: ["line"] }),
    score: 0.5,
  }));
}
