import { cacheKeys } from "../../packages/cache/src/cache-key/cache-keys.ts";
import { type Step, counts, textsOf } from "./step.ts";

const scope = { fingerprint: "BAAI/bge-reranker-base@4f2e", params: "[true]", query: "which bridge is old?" };

/** What the cache looks pairs up by. */
export function keySteps(): readonly Step[] {
  return counts.map((documents) => {
    const texts = textsOf(documents);
    return { name: "keys of the cache", documents, run: () => cacheKeys(scope, texts) };
  });
}
