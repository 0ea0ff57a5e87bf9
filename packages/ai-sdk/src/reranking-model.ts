import type { RerankingModelV4, SharedV4Warning } from "@ai-sdk/provider";
import { newReport } from "dheera-ai";

import { errorOf } from "./errors.ts";
import { type DheeraRerankingOptions, readOptions } from "./options.ts";
import type { Ranker } from "./ranker.ts";
import { resultOf } from "./result.ts";

/** What `rerank` of the AI SDK asks: its call becomes a request of the library, whose answer becomes its result. */
export function rerankingModel(modelId: string, ranker: Ranker): RerankingModelV4 {
  return {
    specificationVersion: "v4",
    provider: "dheera.reranking",
    modelId,
    async doRerank({ documents, query, topN, abortSignal, headers, providerOptions }) {
      const options = readOptions(providerOptions);
      const report = newReport();
      try {
        const response = await ranker.rank(
          { ...options, model: modelId, query, documents: documents.values, top_n: topN },
          { signal: abortSignal, report },
          headers,
        );
        // At a proxy, the report has the adapter's own names for it, and not who served there.
        return ranker.isProxy
          ? resultOf(response, {}, atProxy(options))
          : resultOf(response, report, inProcess(ranker, options, headers));
      } catch (error) {
        throw errorOf(error, modelId, abortSignal, ranker);
      }
    },
  };
}

function inProcess(
  { keepsScores }: Ranker,
  { cache }: DheeraRerankingOptions,
  headers: object = {},
): readonly SharedV4Warning[] {
  const warnings: SharedV4Warning[] = [];
  if (Object.keys(headers).length > 0)
    warnings.push({
      type: "unsupported",
      feature: "headers",
      details: "they are sent to a proxy alone: createDheeraAI({ baseURL })",
    });
  if (cache != null && !keepsScores)
    warnings.push({
      type: "unsupported",
      feature: "providerOptions.dheera.cache",
      details: "scores are kept by an instance with a cache alone: createDheeraAI({ dheera })",
    });
  return warnings;
}

/** What a proxy decides for itself. */
function atProxy(options: DheeraRerankingOptions): readonly SharedV4Warning[] {
  return ofProxy
    .filter(([name]) => options[name] !== undefined && options[name] !== null)
    .map(([name, details]) => ({ type: "unsupported", feature: `providerOptions.dheera.${name}`, details }));
}

const ofProxy: readonly (readonly [name: keyof DheeraRerankingOptions, details: string])[] = [
  ["cache", "the proxy keeps scores as its configuration says"],
  ["priority", "the proxy takes the priority of the key; here it orders the calls of this process alone"],
  ["disable_fallbacks", "the proxy uses the fallbacks of its configuration all the same"],
];
