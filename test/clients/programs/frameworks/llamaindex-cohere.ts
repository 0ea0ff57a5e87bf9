import { CohereRerank } from "@llamaindex/cohere";

import type { ClientUnderTest } from "../../client-under-test.ts";
import { failureWithStatus } from "./failure-with-status.ts";
import { nodesOf, rankedNodes } from "./llamaindex-nodes.ts";

export const client: ClientUnderTest = {
  package: "@llamaindex/cohere",
  call: "CohereRerank.postprocessNodes",
  base: "",
  async rank({ url, key, model, query, documents, topN }) {
    const reranker = new CohereRerank({ apiKey: key, baseUrl: url, model, topN });
    return rankedNodes(await reranker.postprocessNodes(nodesOf(documents), query));
  },
  failureOf: failureWithStatus,
};
