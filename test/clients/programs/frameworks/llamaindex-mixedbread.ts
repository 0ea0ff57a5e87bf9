import { MixedbreadAIReranker } from "@llamaindex/mixedbread";

import type { ClientUnderTest } from "../../client-under-test.ts";
import { failureWithStatus } from "./failure-with-status.ts";
import { nodesOf, rankedNodes } from "./llamaindex-nodes.ts";

export const client: ClientUnderTest = {
  package: "@llamaindex/mixedbread",
  call: "MixedbreadAIReranker.postprocessNodes",
  base: "/mixedbread",
  async rank({ url, key, model, query, documents, topN }) {
    const baseUrl = `${url}${this.base}`;
    const reranker = new MixedbreadAIReranker({ apiKey: key, baseUrl, model, topK: topN, maxRetries: 0 });
    return rankedNodes(await reranker.postprocessNodes(nodesOf(documents), query));
  },
  failureOf: failureWithStatus,
};
