import type { Limits, Price } from "@dheera-ai/core";

import type { RowLimits, RowPrice } from "./row.ts";

/** Under core's names. */
export function limitsOf(limits: RowLimits): Limits {
  const named: { -readonly [Name in keyof Limits]: Limits[Name] } = {};
  if (limits.documents_per_call !== undefined) named.documentsPerCall = limits.documents_per_call;
  if (limits.bytes_per_call !== undefined) named.bytesPerCall = limits.bytes_per_call;
  if (limits.tokens_per_document !== undefined) named.tokensPerDocument = limits.tokens_per_document;
  if (limits.characters_per_document !== undefined) named.charactersPerDocument = limits.characters_per_document;
  if (limits.tokens_per_call !== undefined) named.tokensPerCall = limits.tokens_per_call;
  return named;
}

/** A million is a unit for people. */
export function priceOf({ per_search, per_million_tokens }: RowPrice): Price {
  return {
    ...(per_search !== undefined && { perSearchUnit: per_search }),
    ...(per_million_tokens !== undefined && { perToken: per_million_tokens / 1_000_000 }),
  };
}
