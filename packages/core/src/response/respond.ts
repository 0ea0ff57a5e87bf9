import type { Usage } from "../contract.ts";
import type { RequestContext } from "../dispatch/context.ts";
import { type ScoreOutcome, type ScoreTask, callerIndexOf, documentIndexOf, origin } from "../dispatch/score-task.ts";
import type { Passages } from "../plan/passages.ts";
import type { DocumentRecord, JsonDocument, RerankMeta, RerankResponse, RerankResult } from "../request/api.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import type { ScoreDetails } from "../provider/check-result.ts";
import { explain, sourcesOf } from "./explain.ts";
import { type NormalizedScores, withoutUnknown } from "./normalize.ts";
import { savedCostOf } from "./saved-cost.ts";

/** Everything the answer is made of. */
export interface Ranking {
  readonly request: CheckedRequest;
  readonly context: RequestContext;
  readonly task: ScoreTask;
  readonly passages: Passages;
  readonly outcome: ScoreOutcome;
  /** One score for each document. */
  readonly normalized: NormalizedScores;
  /** Document indices, best first, cut to `top_n`. */
  readonly positions: readonly number[];
  readonly isDiversified: boolean;
}

/** The public answer. */
export function respond(ranking: Ranking): RerankResponse {
  const { request, context, task, outcome, normalized, positions } = ranking;
  context.report.modelName = task.pool.modelName;
  context.report.provider = task.pool.group[0]?.provider;
  const used = usedFor(outcome);
  if (outcome.origins) context.report.savedCost = savedCostOf(task, outcome);
  const usage = usageOf(used, costOf(ranking), context.report.savedCost);
  return {
    id: context.callId,
    model: task.pool.servedAs,
    results: resultsOf(request, positions, shownScores(request, normalized), detailsOf(ranking)),
    meta: metaOf(ranking),
    ...(usage && { usage }),
  };
}

/** Who combines the answers of several models must know what the model refused. */
export function shownScores({ part }: CheckedRequest, { scores, scoreKind }: NormalizedScores): Float64Array {
  return part ? scores : withoutUnknown(scores, scoreKind);
}

/** The results for these document indices. */
export function resultsOf(
  { returnDocuments, documents }: CheckedRequest,
  positions: readonly number[],
  scores: Float64Array,
  details?: ReadonlyMap<number, ScoreDetails>,
): readonly RerankResult[] {
  return positions.map((index) => {
    const document = documents[index];
    const relevance_score = scores[index] ?? 0;
    const result =
      !returnDocuments || document === undefined
        ? { index, relevance_score }
        : { index, relevance_score, document: asRecord(document) };
    const said = details?.get(index);
    return said ? { ...said, ...result } : result;
  });
}

/**
 * What else the upstream said, by document: only where the text that it saw is the document's, or its beginning, because
 * positions in a chunk mean nothing to the caller.
 */
function detailsOf({ request, task, passages, outcome }: Ranking): ReadonlyMap<number, ScoreDetails> | undefined {
  if (!task.asksDetails || !outcome.details) return undefined;
  const { documentIndices } = passages;
  const passagesOf = new Map<number, number>();
  documentIndices?.forEach((document) => passagesOf.set(document, (passagesOf.get(document) ?? 0) + 1));
  const details = new Map<number, ScoreDetails>();
  for (const [position, said] of outcome.details) {
    const document = documentIndices?.[position] ?? position;
    const isWhole = (passagesOf.get(document) ?? 1) === 1;
    if (isWhole && request.texts[document]?.startsWith(passages.texts[position] ?? "")) details.set(document, said);
  }
  return details;
}

function asRecord(document: JsonDocument): DocumentRecord {
  return typeof document === "string" ? { text: document } : document;
}

function metaOf(ranking: Ranking): RerankMeta {
  const { request, context, task, passages, outcome, normalized } = ranking;
  const usage = usedFor(outcome);
  const { callLog } = context;
  const cachedDocuments = countKnown(outcome, task, normalized.scores.length);
  const warnings = [
    ...request.warnings,
    ...(task.pool.profile.warnings ?? []),
    ...passages.warnings,
    ...outcome.warnings,
    ...truncationWarnings(outcome, task),
    ...normalized.warnings,
    ...(request.params.relevantSpans ? spanWarnings(ranking) : []),
  ];
  return {
    api_version: { version: "2", is_experimental: false },
    billed_units: billedUnitsOf(task, usage),
    ...((usage?.inputTokens !== undefined || usage?.outputTokens !== undefined) && {
      tokens: { input_tokens: usage.inputTokens ?? 0, output_tokens: usage.outputTokens ?? 0 },
    }),
    score_kind: normalized.scoreKind,
    ...(ranking.isDiversified && { diversified: true as const }),
    ...(cachedDocuments > 0 && { cached_documents: cachedDocuments }),
    ...(warnings.length > 0 && { warnings }),
    ...(callLog && { explain: explain(context, callLog, sourcesOf(outcome, task, normalized.scores.length)) }),
  };
}

/**
 * What the upstream billed, as far as it said so or its rule tells. A request that was answered from known scores alone
 * cost nothing.
 */
function billedUnitsOf({ pool }: ScoreTask, usage: Usage | undefined): RerankMeta["billed_units"] {
  const { billing } = pool.profile;
  const searchUnits = usage?.searchUnits ?? (billing === "per-search" ? 0 : undefined);
  if (searchUnits === undefined && billing !== "per-token") return {};
  return {
    ...(searchUnits !== undefined && { search_units: searchUnits }),
    ...(billing === "per-token" && usage?.inputTokens !== undefined && { input_tokens: usage.inputTokens }),
    ...(billing === "per-token" && usage?.outputTokens !== undefined && { output_tokens: usage.outputTokens }),
  };
}

/** Scores that were all known before used nothing. */
function usedFor({ usage, origins }: ScoreOutcome): Usage | undefined {
  const isKnown = origins?.every((from) => from === origin.known || from === origin.repeated) ?? false;
  return usage ?? (isKnown ? { inputTokens: 0 } : undefined);
}

/**
 * US dollars of all calls of the request, those of other deployments that were tried before included; undefined as soon as
 * one is not known. Where nothing was called, nothing was paid for, but of a server without a price that says nothing.
 */
function costOf({ context: { report }, task, outcome }: Ranking): number | undefined {
  if (report.unpricedCalls > 0) return undefined;
  const { billing, price } = task.pool.profile;
  return billing === "compute" && !price && outcome.usage === undefined ? undefined : report.cost;
}

/** A reranker writes no text: where tokens are counted, those of its answer are 0 unless the upstream names some. */
function usageOf(
  { inputTokens, outputTokens }: Usage = {},
  cost: number | undefined,
  savedCost: number | undefined,
): RerankResponse["usage"] {
  const [input, output] = [inputTokens ?? 0, outputTokens ?? 0];
  const isCounted = inputTokens !== undefined || outputTokens !== undefined;
  const tokens = isCounted && { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  // Without a copy for the requests of one's own servers, which are most.
  if (cost === undefined && savedCost === undefined) return tokens || undefined;
  return {
    ...tokens,
    ...(cost !== undefined && { cost }),
    ...(savedCost !== undefined && { saved_cost: savedCost }),
  };
}

/** Documents whose passages were all known, or equal to known ones. */
function countKnown({ origins }: ScoreOutcome, task: ScoreTask, documents: number): number {
  if (!origins) return 0;
  const marks = new Uint8Array(documents);
  for (let position = 0; position < origins.length; position++) {
    const document = documentIndexOf(task, position);
    if (origins[position] === origin.computed) marks[document] = origin.computed;
    else if (origins[position] === origin.known) marks[document] ||= origin.known;
  }
  let known = 0;
  for (const mark of marks) if (mark === origin.known) known++;
  return known;
}

/** A caller who asks for parts of documents must not take their absence for irrelevance. */
function spanWarnings({ task, passages }: Ranking): readonly string[] {
  if (!task.asksDetails)
    return [`relevant_spans had no effect: the provider ${task.pool.group[0]?.provider} gives none for this model`];
  return passages.documentIndices ? ["relevant_spans are left out of documents that were scored in chunks"] : [];
}

function truncationWarnings({ truncated }: ScoreOutcome, task: ScoreTask): readonly string[] {
  if (truncated.length === 0) return [];
  const indices = [...new Set(truncated.map((position) => callerIndexOf(task, position)))].sort((a, b) => a - b);
  return [`these documents were cut to what the model reads: ${indices.join(", ")}`];
}
