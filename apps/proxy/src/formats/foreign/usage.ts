import type { RerankMeta, RerankResponse } from "@dheera-ai/core";

/** `meta` beside a foreign answer; `usage_unknown` where a number in it stands for one that nobody knows. */
export interface ForeignMeta extends RerankMeta {
  readonly usage_unknown?: true;
}

/** Counts of tokens, which clients of these servers read without asking whether they are there. */
export interface CountedTokens {
  readonly tokens: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
  readonly meta: ForeignMeta;
}

/** The tokens that the upstream counted; 0, and `meta.usage_unknown`, where it counts none. */
export function countedTokens({ usage, meta }: RerankResponse): CountedTokens {
  const { prompt_tokens, completion_tokens = 0, total_tokens } = usage ?? {};
  if (prompt_tokens === undefined || total_tokens === undefined)
    return { tokens: noTokens, meta: { ...meta, usage_unknown: true } };
  return { tokens: { prompt_tokens, completion_tokens, total_tokens }, meta };
}

const noTokens = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } as const;
