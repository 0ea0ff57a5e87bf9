import { DheeraError, type RankingScoreKind, type ScoreKind, type ScoreResult } from "@dheera-ai/core";
import { isRecord, plainText } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

/**
 * What a Dheera AI proxy says beside the scores. Other servers leave it out, and some put something else in its place:
 * what cannot be read counts as not said.
 * @throws DheeraError `provider_failed` where nothing could rank, and the answer is the input's order
 */
export function readDheeraMeta(answer: unknown, result: ScoreResult, provider: string): ScoreResult {
  if (!isSaid(answer)) return result;
  const { score_kind: scoreKind, reranked, warnings } = v.parse(schema, answer).meta;
  if (!reranked)
    throw new DheeraError("provider_failed", "the upstream could not rank and answered in the order it was sent", {
      provider,
    });
  const told = warnings
    .slice(0, mostWarnings)
    .map((warning) => `the upstream warns: ${plainText(warning, longestWarning)}`);
  return {
    ...result,
    warnings: [...(result.warnings ?? []), ...told],
    ...(scoreKind !== undefined && { scoreKind: kindOf[scoreKind] }),
  };
}

/** Most servers say nothing of it, and each call is looked at. */
function isSaid(answer: unknown): boolean {
  const meta = isRecord(answer) ? answer["meta"] : undefined;
  return isRecord(meta) && ("score_kind" in meta || "reranked" in meta || "warnings" in meta);
}

const mostWarnings = 10;
/** Characters. */
const longestWarning = 300;

/** What a score of each kind is to who asks the proxy: what it learned from labels is a probability, a fusion has no scale. */
const kindOf: Readonly<Record<RankingScoreKind, ScoreKind>> = {
  probability: "probability",
  logit: "logit",
  cosine: "cosine",
  rank: "rank",
  unknown: "unknown",
  calibrated: "probability",
  fused: "unknown",
};

interface Meta {
  readonly score_kind?: RankingScoreKind | undefined;
  readonly reranked: boolean;
  readonly warnings: readonly string[];
}

const nothing: Meta = { reranked: true, warnings: [] };

const metaSchema = v.object({
  score_kind: v.fallback(
    v.optional(v.picklist(["probability", "logit", "cosine", "rank", "unknown", "calibrated", "fused"])),
    undefined,
  ),
  reranked: v.fallback(v.optional(v.boolean(), true), true),
  warnings: v.fallback(v.optional(v.array(v.string()), []), []),
});

const schema = v.fallback(v.object({ meta: v.fallback(metaSchema, nothing) }), { meta: nothing });
