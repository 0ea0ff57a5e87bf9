import { MetadataMode, type NodeWithScore, TextNode } from "@llamaindex/core/schema";

import type { Ranked } from "../../client-under-test.ts";

/** The position of each document is the id of its node. */
export function nodesOf(documents: readonly string[]): NodeWithScore[] {
  return documents.map((text, index) => ({ node: new TextNode({ text, id_: String(index) }) }));
}

export function rankedNodes(nodes: readonly NodeWithScore[]): Ranked {
  return {
    ranking: nodes.map(({ node, score = -1 }) => ({ index: Number(node.id_), score })),
    documents: nodes.map(({ node }) => node.getContent(MetadataMode.NONE)),
  };
}
