import type { ScoreKind } from "@dheera-ai/core";
import * as v from "valibot";

/** What an answer tells beside the scores. */
export interface Facts {
  /** Input tokens as the upstream counted them. */
  readonly tokens?: number | undefined;
  /** What a Dheera AI proxy says its scores are. */
  readonly scoreKind?: ScoreKind | undefined;
  /** false: a Dheera AI proxy answered in the input order, because nothing could rank. */
  readonly reranked: boolean;
  readonly warnings: readonly string[];
}

/** Servers leave out most of it, and some put something else in its place: what cannot be read counts as not told. */
export function readFacts(answer: unknown): Facts {
  const { meta, usage } = v.parse(schema, answer);
  return {
    tokens: meta.tokens.input_tokens ?? usage.prompt_tokens ?? usage.total_tokens,
    scoreKind: meta.score_kind,
    reranked: meta.reranked,
    warnings: meta.warnings
      .slice(0, mostWarnings)
      .map((warning) => `the upstream warns: ${warning.slice(0, longestWarning)}`),
  };
}

const mostWarnings = 10;
/** Characters. */
const longestWarning = 300;

const count = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);
const tokens = { input_tokens: undefined };
const usage = { prompt_tokens: undefined, total_tokens: undefined };
const meta = { tokens, score_kind: undefined, reranked: true, warnings: [] };

const schema = v.fallback(
  v.object({
    meta: v.fallback(
      v.object({
        tokens: v.fallback(v.object({ input_tokens: count }), tokens),
        score_kind: v.fallback(v.optional(v.picklist(["probability", "logit", "cosine", "unknown"])), undefined),
        reranked: v.fallback(v.optional(v.boolean(), true), true),
        warnings: v.fallback(v.optional(v.array(v.string()), []), []),
      }),
      meta,
    ),
    usage: v.fallback(v.object({ prompt_tokens: count, total_tokens: count }), usage),
  }),
  { meta, usage },
);
