import type { RankLine } from "@dheera-ai/batch";
import { memoryCache } from "@dheera-ai/cache";
import { type Provider, createDheera } from "@dheera-ai/core";

import { rankWith } from "../../test/batch/rank-with.ts";

/** Core's engine with the cache of a proxy, over a provider that answers at once. */
export function openRanker(): AsyncDisposable & { readonly rankLine: RankLine; pairsSent(): number } {
  let pairs = 0;
  const provider: Provider = {
    name: "scripted",
    connect: () => ({
      profile: () => ({
        scoring: "pointwise",
        scoreKind: "probability",
        billing: "compute",
        fingerprint: "scripted",
        limits: {},
      }),
      score: async ({ documents }) => {
        pairs += documents.length;
        return { scores: documents.map((document, index) => ({ index, score: (document.length % 97) / 97 })) };
      },
    }),
  };
  const dheera = createDheera({
    providers: [provider],
    cache: memoryCache(),
    model_list: [{ model_name: "scripted", dheera_ai_params: { model: "scripted/model" } }],
  });
  return {
    pairsSent: () => pairs,
    rankLine: rankWith(dheera),
    [Symbol.asyncDispose]: () => dheera.close(),
  };
}
