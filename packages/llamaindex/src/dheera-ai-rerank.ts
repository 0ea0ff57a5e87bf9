import type { MessageContent } from "@llamaindex/core/llms";
import type { BaseNodePostprocessor } from "@llamaindex/core/postprocessor";
import type { NodeWithScore } from "@llamaindex/core/schema";
import { rerank, toRequestFields } from "dheera-ai";

import { type DheeraAIRerankOptions, refuseCache } from "./options.ts";
import { modeOf } from "./metadata-mode.ts";
import { textOf } from "./query-text.ts";

/**
 * Ranks the nodes that a retriever found, with any reranker: the best first, with the reranker's scores. Nodes without text
 * come last, in their order and without a score. Nothing is called before it is used.
 */
export class DheeraAIRerank implements BaseNodePostprocessor {
  // Private, so that nothing that prints or serializes it shows a key.
  readonly #options: DheeraAIRerankOptions;

  /** @throws DheeraError `invalid_request` for a `cache` that nobody has. */
  constructor(options: DheeraAIRerankOptions) {
    refuseCache(options);
    this.#options = { ...options };
  }

  /**
   * The nodes by their relevance, each in a new object; the nodes themselves are not changed.
   * @param query A text, or parts of which all are texts.
   * @throws DheeraError; its `code` says whose fault it is.
   */
  async postprocessNodes(nodes: NodeWithScore[], query?: MessageContent): Promise<NodeWithScore[]> {
    const { topN, minScore, metadataMode } = this.#options;
    const mode = modeOf(metadataMode);
    const entries = nodes.map(({ node }) => ({ node, text: node.getContent(mode) }));
    const [texts, rest] = [entries.filter(hasText), entries.filter((entry) => !hasText(entry))];
    const ranked = texts.length === 0 ? [] : await this.#rank(texts, textOf(query));
    // What has no score is not known to reach any.
    const unranked = (minScore ?? undefined) === undefined ? rest.map(({ node }) => ({ node })) : [];
    return [...ranked, ...unranked].slice(0, topN ?? undefined);
  }

  async #rank(entries: readonly Entry[], query: string): Promise<readonly NodeWithScore[]> {
    const { dheera, metadataMode: _mode, onResponse, signal, model, ...fields } = this.#options;
    const request = { ...toRequestFields(fields), model, query, documents: entries.map(({ text }) => text) };
    const options = { signal: signal ?? undefined };
    const response = await (dheera ? dheera.rerank(request, options) : rerank(request, options));
    onResponse?.(response);
    return response.results.flatMap(({ index, relevance_score: score }) => {
      const entry = entries[index];
      return entry ? [{ node: entry.node, score }] : [];
    });
  }
}

interface Entry {
  readonly node: NodeWithScore["node"];
  readonly text: string;
}

function hasText({ text }: Entry): boolean {
  return text.trim() !== "";
}
