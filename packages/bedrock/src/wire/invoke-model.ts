import type { ScoreCall, Usage } from "@dheera-ai/core";
import { isRecord } from "@dheera-ai/core/provider-utils";

import { withoutEmpty } from "./texts.ts";

/** `/model/cohere.rerank-v3-5%3A0/invoke`. */
export function invokePath(model: string): string {
  return `/model/${encodeURIComponent(model)}/invoke`;
}

/** Cohere's own request, without the model's name; versions before 2 are refused. */
export function invokeBody({ query, documents, params }: ScoreCall): object {
  return {
    query,
    documents: documents.map(withoutEmpty),
    top_n: documents.length,
    api_version: 2,
    ...(params.maxTokensPerDocument !== undefined && { max_tokens_per_doc: params.maxTokensPerDocument }),
  };
}

/** What Cohere says that it billed, where the answer holds it. */
export function invokeUsage(answer: unknown): Usage | undefined {
  const meta = isRecord(answer) ? answer["meta"] : undefined;
  const billed = isRecord(meta) ? meta["billed_units"] : undefined;
  const units = isRecord(billed) ? billed["search_units"] : undefined;
  return typeof units === "number" && units >= 0 && units < 1e9 ? { searchUnits: units } : undefined;
}
