import {
  DheeraError,
  type Profile,
  type Provider,
  type ScoreCall,
  type Scorer,
  type ScoreParams,
  type Target,
} from "@dheera-ai/core";
import { rememberSuccess } from "@dheera-ai/core/provider-utils";

import { loadLanguage } from "./language.ts";
import { type Bm25Options, parseOptions } from "./parse-options.ts";

/**
 * The embedded reranker: Okapi BM25 over a request's own documents, with a table of how rare words are in their language.
 * Lexical, not neural: it compares words, not meaning.
 */
export function bm25(options: Bm25Options = {}): Provider {
  return {
    name: "bm25",
    optionNames: ["language", "background", "k1", "b"],
    connect: (target) => connect(target, options),
  };
}

function connect({ model, apiBase, options: own }: Target, defaults: Bm25Options): Scorer {
  if (model !== "default")
    throw new DheeraError("model_not_found", `bm25 has one model, bm25/default; "${model}" is not known`, {
      param: "model",
      provider: "bm25",
    });
  const { language, background, k1, b } = parseOptions({ ...defaults, ...own });

  const profile: Profile = {
    // How rare a word is depends on all documents, so no score stands on its own.
    scoring: "listwise",
    scoreKind: "unknown",
    billing: "compute",
    fingerprint: `bm25/default 2 ${language} background=${background} k1=${k1} b=${b}`,
    limits: {},
    server: "embedded",
    ...(apiBase !== undefined && {
      warnings: ["bm25 ranks in this process: api_base had no effect; to ask a proxy, name a model that the proxy has"],
    }),
  };
  // Not with the library: compiling the expressions that find words would take an eighth of the time of its import.
  const loaded = rememberSuccess(async () => {
    const [{ scoreDocuments }, rules, ofLanguage] = await Promise.all([
      import("./score-documents.ts"),
      loadLanguage(language),
      background
        ? import("./background/load-background.ts").then((module) => module.loadBackground(language))
        : undefined,
    ]);
    return { scoreDocuments, rules, background: ofLanguage };
  });
  // Loaded now, because files may not be readable later, when clients hold every file descriptor.
  loaded().catch(() => {});
  return {
    profile: () => profile,
    score: async ({ query, documents, params, signal }: ScoreCall) => {
      signal.throwIfAborted();
      const { scoreDocuments, ...known } = await loaded();
      const scores = await scoreDocuments({ query, documents, ...known, k1, b, signal });
      return {
        scores: Array.from(scores, (score, index) => ({ index, score })),
        // No model reads anything. Clients that want figures get them.
        usage: { inputTokens: 0 },
        warnings: warningsFor(params),
      };
    },
  };
}

function warningsFor({ instruction, maxTokensPerDocument }: ScoreParams): readonly string[] {
  const ignored = [
    ...(instruction === undefined ? [] : ["instruction"]),
    ...(maxTokensPerDocument === undefined ? [] : ["max_tokens_per_doc"]),
  ];
  return ignored.map((name) => `bm25 counts words and has no use for ${name}`);
}
