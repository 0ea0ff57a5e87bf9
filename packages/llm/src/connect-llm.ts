import type { Profile, Scorer, Target } from "@dheera-ai/core";

import type { Endpoint } from "./endpoint/find-endpoint.ts";
import type { Options } from "./options/parse-options.ts";
import { isQwenReranker } from "./prompt/raw-templates.ts";

/** A chat model that ranks, in the mode of its deployment. */
export function connectLlm(target: Target, options: Options, endpoint: Endpoint): Scorer {
  const profile = profileOf(target.model, options);
  // Whoever has no chat model loads nothing of what that takes, because bundles for browsers hold every provider; a server
  // loads it at its start, as `loadLateModules` of core says. A failure is seen when it is loaded again.
  void loadScoring().catch(() => {});
  let score: Scorer["score"] | undefined;
  return {
    profile: () => profile,
    score: async (call) => {
      const { scoreWith } = await loadScoring();
      score ??= scoreWith(target, options, endpoint);
      return score(call);
    },
  };
}

const loadScoring = (): Promise<typeof import("./score-with.ts")> => import("./score-with.ts");

/** A permutation is order alone; grades are the model's own; a probability of one word is one of each document for itself. */
function profileOf(model: string, options: Options): Profile {
  const { mode, window, maxDocuments, maxParallel: _parallel, apiVersion: _version, ...settings } = options;
  const isEachAlone = mode === "pointwise" || window === 1;
  return {
    scoring: isEachAlone ? "pointwise" : "listwise",
    scoreKind: mode === "pointwise" ? "probability" : mode === "graded" ? "unknown" : "rank",
    billing: "per-token",
    fingerprint: `llm ${model} ${JSON.stringify({ mode, window, ...settings })}`,
    // One prompt holds one document then: core spreads, retries and caches them.
    limits: { documentsPerRequest: maxDocuments, ...(isEachAlone && { documentsPerCall: 1 }) },
    ...(isQwenReranker(model) &&
      !options.completions && {
        warnings: [
          "this model ranks almost at random in a chat, because it needs its own prompt; set completions: true of this deployment",
        ],
      }),
  };
}
