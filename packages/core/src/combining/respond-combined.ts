import type { CombinedRanking } from "../combination.ts";
import type { RequestContext } from "../dispatch/context.ts";
import { dollars } from "../dispatch/billed.ts";
import { diversify, diversityOf } from "../diversify/read-diversity.ts";
import type { RequestReport } from "../observer.ts";
import type { ScoreDetails } from "../provider/check-result.ts";
import type { RerankMeta, RerankResponse } from "../request/api.ts";
import type { ScoreSource } from "../request/explanation.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { explain } from "../response/explain.ts";
import { applyCalibration, atLeast, wantsOwnScale } from "../response/apply-calibration.ts";
import { type NormalizedScores, applySigmoid } from "../response/normalize.ts";
import { resultsOf, shownScores } from "../response/respond.ts";
import type { CombinedEntry } from "./combined-models.ts";

/** One question to a member. */
export interface Asked {
  /** Of the request; in the order of the member's own indices. */
  readonly documents: readonly number[];
  readonly report: RequestReport;
  /** Absent where it failed, or was not waited for. */
  response?: RerankResponse;
}

export interface AnswerParts {
  readonly request: CheckedRequest;
  readonly context: RequestContext;
  readonly combined: CombinedEntry;
  readonly ranking: CombinedRanking;
  /** In the order in which they began. */
  readonly asked: readonly Asked[];
}

/** The public answer of a combined model. */
export async function respondCombined(parts: AnswerParts): Promise<RerankResponse> {
  const { request, context, combined, ranking } = parts;
  const normalized = normalizedOf(parts);
  const asked = diversityOf(request, combined.entry.dheera_ai_params.diversify);
  // A deadline that has passed: what is known by then is answered, without more work.
  const isLate = asked !== undefined && context.signal.aborted;
  const diversity = isLate ? undefined : asked;
  const ranked = atLeast(request.minScore, ranking.order, normalized);
  const positions = diversity
    ? await diversify(diversity, ranked, normalized, request, context.signal)
    : ranked.slice(0, request.topN);
  const warnings = isLate ? ["diversify had no effect: the timeout had passed"] : [];
  const usage = usageOf(parts);
  return {
    id: context.callId,
    model: ranking.servedBy ?? combined.entry.model_name,
    results: resultsOf(request, positions, shownScores(request, normalized), detailsOf(parts)),
    meta: {
      ...metaOf(parts, { ...normalized, warnings: [...normalized.warnings, ...warnings] }),
      ...(diversity && { diversified: true as const }),
    },
    ...(usage && { usage }),
  };
}

function normalizedOf({ request, combined, ranking }: AnswerParts): NormalizedScores {
  const scores = new Float64Array(request.texts.length);
  for (const [rank, index] of ranking.order.entries()) scores[index] = ranking.scores[rank] ?? Number.NaN;
  const own = request.params.rawScores ? "none" : (combined.entry.dheera_ai_params.normalize ?? "none");
  const normalized = applySigmoid(scores, ranking.scoreKind, request.normalize ?? own);
  const { calibration } = combined;
  return calibration && wantsOwnScale(request)
    ? applyCalibration(calibration, normalized, { scores, scoreKind: ranking.scoreKind })
    : normalized;
}

/** What upstreams said of each document, the last one that did, and which stage ranked it. */
function detailsOf({ ranking, asked }: AnswerParts): ReadonlyMap<number, ScoreDetails> | undefined {
  const details = new Map<number, ScoreDetails>();
  for (const { response, documents } of asked)
    for (const {
      index,
      relevance_score: _score,
      stage: _stage,
      stage_score: _stageScore,
      ...said
    } of response?.results ?? [])
      if (Object.keys(said).length > 0) details.set(documents[index] ?? index, said);
  for (const [index, { stage, score }] of ranking.stageOf ?? [])
    details.set(index, {
      ...details.get(index),
      stage,
      ...(!Number.isNaN(score) && { stage_score: score }),
    });
  return details.size > 0 ? details : undefined;
}

function metaOf(parts: AnswerParts, normalized: NormalizedScores): RerankMeta {
  const { request, context, ranking, asked } = parts;
  const metas = asked.flatMap(({ response }) => response?.meta ?? []);
  const sources = sourcesOf(parts);
  const cachedDocuments = sources.filter((source) => source === "cached").length;
  const warnings = new Set([
    ...request.warnings,
    ...asked.flatMap(({ response }) => warningsOf(response)),
    ...ranking.warnings,
    ...normalized.warnings,
  ]);
  const tokens = sumOf(metas.map((meta) => meta.tokens));
  return {
    api_version: { version: "2", is_experimental: false },
    billed_units: sumOf(metas.map((meta) => meta.billed_units)) ?? {},
    ...(tokens && { tokens: { input_tokens: 0, output_tokens: 0, ...tokens } }),
    score_kind: normalized.scoreKind,
    stages: ranking.stages,
    ...(cachedDocuments > 0 && { cached_documents: cachedDocuments }),
    ...(warnings.size > 0 && { warnings: [...warnings] }),
    ...(context.callLog && { explain: explain(context, context.callLog, sources) }),
  };
}

function warningsOf(response: RerankResponse | undefined): readonly string[] {
  return (response?.meta.warnings ?? []).map((warning) => `${response?.model}: ${warning}`);
}

/** A document that several models scored counts as computed when one of them computed it. */
function sourcesOf({ request, asked }: AnswerParts): readonly ScoreSource[] {
  const sources: ScoreSource[] = request.texts.map(() => "refused");
  for (const { response, documents } of asked)
    for (const [position, source] of response?.meta.explain?.sources.entries() ?? []) {
      const index = documents[position] ?? position;
      if (strength[source] > strength[sources[index] ?? "refused"]) sources[index] = source;
    }
  return sources;
}

const strength: Readonly<Record<ScoreSource, number>> = { refused: 0, repeated: 1, cached: 2, computed: 3 };

type Figures = { readonly [Name in string]?: number };

/** Each figure of the whole, where at least one of the parts has it. */
function sumOf(parts: readonly (Figures | undefined)[]): Record<string, number> | undefined {
  let sum: Record<string, number> | undefined;
  for (const part of parts)
    for (const [name, figure] of Object.entries(part ?? {}))
      if (figure !== undefined) (sum ??= {})[name] = dollars((sum[name] ?? 0) + figure);
  return sum;
}

/**
 * The cost is that of all calls, those of members that failed included; it is known where each of theirs is. Beside members
 * that have prices, servers that have none bill nothing.
 */
function usageOf({ context: { report }, asked }: AnswerParts): RerankResponse["usage"] {
  const usages = asked.flatMap(({ response }) => response?.usage ?? []);
  const { cost: _cost, saved_cost: _saved, ...tokens } = sumOf(usages) ?? {};
  const usage = {
    ...tokens,
    ...(report.unpricedCalls === report.freeCalls && { cost: report.cost }),
    ...(report.savedCost !== undefined && { saved_cost: report.savedCost }),
  };
  return Object.keys(usage).length > 0 ? usage : undefined;
}
