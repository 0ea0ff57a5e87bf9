import type { ScoreKind, Usage } from "@dheera-ai/core";
import { plainText } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

/** What an answer says beside the scores. */
export interface Facts {
  /** As the upstream billed it. */
  readonly usage?: Usage | undefined;
  /** What a Dheera AI proxy says its scores are. */
  readonly scoreKind?: ScoreKind | undefined;
  /** false: a Dheera AI proxy answered in the input order, because nothing could rank. */
  readonly reranked: boolean;
  readonly warnings: readonly string[];
}

/** Servers leave out most of it, and some put something else in its place: what cannot be read counts as not said. */
export function readFacts(answer: unknown): Facts {
  const { meta, usage } = v.parse(schema, answer);
  return {
    usage: usageOf(meta, usage),
    scoreKind: meta.score_kind,
    reranked: meta.reranked,
    warnings: meta.warnings
      .slice(0, mostWarnings)
      .map((warning) => `the upstream warns: ${plainText(warning, longestWarning)}`),
  };
}

/** Cohere bills under `billed_units`, and only counts under `tokens`; others have Jina's or OpenRouter's `usage`. */
function usageOf({ billed_units: billed, tokens }: Meta, usage: UsageField): Usage | undefined {
  const figures: Usage = {
    inputTokens: billed.input_tokens ?? tokens.input_tokens ?? usage.prompt_tokens ?? usage.total_tokens,
    outputTokens: billed.output_tokens ?? tokens.output_tokens ?? usage.completion_tokens,
    searchUnits: billed.search_units ?? usage.search_units,
    cost: usage.cost,
  };
  const said = Object.entries(figures).filter(([, figure]) => figure !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

const mostWarnings = 10;
/** Characters. */
const longestWarning = 300;

/** One that is missing or no count, or that could not be added up, is not said. */
const count = v.fallback(v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))), undefined);
const tokensSchema = v.object({ input_tokens: count, output_tokens: count });
const billedSchema = v.object({ search_units: count, input_tokens: count, output_tokens: count });
const usageSchema = v.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  search_units: count,
  cost: count,
});
const metaSchema = v.object({
  billed_units: v.fallback(billedSchema, {}),
  tokens: v.fallback(tokensSchema, {}),
  score_kind: v.fallback(v.optional(v.picklist(["probability", "logit", "cosine", "unknown"])), undefined),
  reranked: v.fallback(v.optional(v.boolean(), true), true),
  warnings: v.fallback(v.optional(v.array(v.string()), []), []),
});

type Meta = v.InferOutput<typeof metaSchema>;
type UsageField = v.InferOutput<typeof usageSchema>;

const nothing: Meta = { billed_units: {}, tokens: {}, reranked: true, warnings: [] };

const schema = v.fallback(v.object({ meta: v.fallback(metaSchema, nothing), usage: v.fallback(usageSchema, {}) }), {
  meta: nothing,
  usage: {},
});
