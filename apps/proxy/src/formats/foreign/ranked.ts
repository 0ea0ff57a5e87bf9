import type { RerankResult } from "@dheera-ai/core";

/** What a result has in every foreign format beside its score: its position, and what the caller asked of `/rerank`. */
export type Ranked = Pick<RerankResult, "index" | "relevant_spans">;

/** A result with the fields that its format has. */
export function ranked<Fields extends object>(
  { index, relevant_spans }: RerankResult,
  fields: Fields,
): Ranked & Fields {
  return Object.assign(relevant_spans === undefined ? { index } : { index, relevant_spans }, fields);
}
