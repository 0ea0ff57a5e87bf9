import type { AskOptions, CombinedQuestion, MemberAnswer, MemberRanking } from "../combination.ts";
import { CallLog, rounded } from "../dispatch/call-log.ts";
import { type RequestContext, Stopwatch, newReport } from "../dispatch/context.ts";
import { dollars } from "../dispatch/billed.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import { linkedAbort } from "../lib/waiting.ts";
import type { RequestReport } from "../observer.ts";
import type { RerankResponse, RerankResult, RerankStage } from "../request/api.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import { abortError } from "../upstream/upstream-error.ts";
import { checkRanking } from "./check-ranking.ts";
import type { CombinedEntry } from "./combined-models.ts";
import { type Asked, respondCombined } from "./respond-combined.ts";

export interface CombinedSettings {
  /** Ranks a part of the request by another model. */
  readonly askMember: (part: CheckedRequest, context: RequestContext) => Promise<RerankResponse>;
  readonly session: string | undefined;
}

/**
 * One request as its combined model ranks it. Each question to a member is a request of its own with the same deadline, caller
 * and id; what they used counts as this request's, also where it fails. When it ends, questions that still run end with it.
 */
export async function rankCombined(
  combined: CombinedEntry,
  request: CheckedRequest,
  context: RequestContext,
  settings: CombinedSettings,
): Promise<RerankResponse> {
  const { report } = context;
  report.documents = request.texts.length;
  const members = new Members(combined, request, context, settings);
  try {
    const ranking = await combined.model.rank(members.question);
    checkRanking(ranking, request.texts.length, combined.entry);
    report.modelName = ranking.servedBy ?? combined.entry.model_name;
    report.combinedModel = combined.entry.model_name;
    members.end();
    return respondCombined({ request, context, combined, ranking, asked: members.asked });
  } finally {
    members.end();
  }
}

/** The members of one request, as its combined model asks them. */
class Members {
  readonly asked: Asked[] = [];
  readonly question: CombinedQuestion;
  readonly #combined: CombinedEntry;
  readonly #request: CheckedRequest;
  /** Of the whole request. */
  readonly #context: RequestContext;
  readonly #askMember: CombinedSettings["askMember"];
  readonly #running: ReturnType<typeof linkedAbort>;
  /** What each question's context has in common. */
  readonly #shared: RequestContext;
  #hasEnded = false;

  constructor(combined: CombinedEntry, request: CheckedRequest, context: RequestContext, settings: CombinedSettings) {
    this.#combined = combined;
    this.#request = request;
    this.#context = context;
    this.#askMember = settings.askMember;
    this.#running = linkedAbort(context.signal, abortError);
    const { stopwatch = new Stopwatch(context.report), callLog = new CallLog() } = context;
    this.#shared = { ...context, signal: this.#running.signal, stopwatch, callLog };
    this.question = {
      texts: request.texts,
      query: request.query,
      topN: request.topN,
      session: settings.session === "" ? undefined : settings.session,
      asksRawScores: asksRawScores(request),
      signal: this.#running.signal,
      ask: (model, documents, options) => this.#ask(model, documents ?? [...request.texts.keys()], options),
    };
  }

  async #ask(model: string, documents: readonly number[], { uncalibrated }: AskOptions = {}): Promise<MemberAnswer> {
    checkQuestion(model, documents, this.#request, this.#combined);
    const asked: Asked = { documents, report: newReport() };
    this.asked.push(asked);
    const began = performance.now();
    const stage = (): RerankStage => ({
      model,
      documents: documents.length,
      milliseconds: rounded(performance.now() - began),
    });
    try {
      const part = { ...partOf(this.#request, model, documents), uncalibrated };
      const response = await this.#askMember(part, { ...this.#shared, report: asked.report });
      asked.response = response;
      return rankingOf(response, documents, stage());
    } catch (error) {
      if (!isDheeraError(error) || this.#isCallerGone()) throw error;
      const { cost, unpricedCalls, freeCalls } = asked.report;
      const paid = cost > 0 && unpricedCalls === freeCalls && { cost };
      return { failure: error, stage: { ...stage(), ...paid, failed: error.code } };
    }
  }

  /** A deadline that passed is another matter: a ranking that is known by then is worth an answer. */
  #isCallerGone(): boolean {
    const { signal } = this.#running;
    return signal.aborted && abortError(signal.reason).code !== "timeout";
  }

  /** Stops what still runs, and adds up what all of them used. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#running.abort(new DheeraError("cancelled", "the ranking was complete without this answer"));
    this.#running.close();
    for (const { report } of this.asked) addReport(this.#context.report, report);
  }
}

/** Thresholds of scores would be held against others than they were set for. */
function asksRawScores({ params, normalize }: CheckedRequest): boolean {
  return params.rawScores === true || normalize === "none";
}

/** A combination is code of somebody's. */
function checkQuestion(
  model: string,
  documents: readonly number[],
  { texts }: CheckedRequest,
  { entry, model: { models } }: CombinedEntry,
): void {
  const isWell =
    models.includes(model) &&
    documents.length > 0 &&
    new Set(documents).size === documents.length &&
    documents.every((document) => texts[document] !== undefined);
  if (!isWell)
    throw new DheeraError(
      "internal",
      `${entry.dheera_ai_params.model} has a fault: it asked a model that it does not name, or for documents that are not there`,
      { defect: true },
    );
}

/** What is asked of the answer as a whole (`top_n`, `min_score`, `return_documents`, a sigmoid) is done at its end. */
function partOf(request: CheckedRequest, model: string, documents: readonly number[]): CheckedRequest {
  const { texts, part, normalize, fallbacks } = request;
  return {
    ...request,
    model,
    documents: [],
    texts: documents.map((document) => texts[document] ?? ""),
    part: documents.map((document) => part?.[document] ?? document),
    topN: documents.length,
    minScore: undefined,
    returnDocuments: false,
    normalize: normalize === "none" ? "none" : undefined,
    // Those of the request are the combined model's; who wants none wants none here either.
    fallbacks: fallbacks?.length === 0 ? fallbacks : undefined,
    apiBase: undefined,
    apiKey: undefined,
    warnings: [],
  };
}

function rankingOf(
  { results, meta, model, usage }: RerankResponse,
  documents: readonly number[],
  stage: RerankStage,
): MemberRanking {
  const { score_kind: scoreKind = "unknown", stages } = meta;
  return {
    order: results.map(({ index }) => documents[index] ?? index),
    scores: results.map(({ relevance_score: score }) => score),
    levels: levelsOf(results),
    scoreKind,
    servedBy: model,
    stage: {
      ...stage,
      score_kind: scoreKind,
      ...(usage?.cost !== undefined && { cost: usage.cost }),
      ...(stages && { stages }),
    },
  };
}

/** Of a cascade what its stages said counts, each for the documents that it was the last to rank. */
function levelsOf(results: readonly RerankResult[]): readonly number[] {
  let level = 0;
  return results.map(({ stage, stage_score: said, relevance_score: score }, rank) => {
    const before = results[rank - 1];
    const own = stage === undefined ? score : said;
    if (own === undefined || Number.isNaN(own)) return Number.NaN;
    if (
      before &&
      (before.stage !== stage || (stage === undefined ? before.relevance_score : before.stage_score) !== own)
    )
      level++;
    return level;
  });
}

/** The times are in already: all questions of a request have one stopwatch. */
function addReport(whole: RequestReport, part: RequestReport): void {
  whole.deployment = part.deployment ?? whole.deployment;
  whole.provider = part.provider ?? whole.provider;
  whole.batches += part.batches;
  whole.scored += part.scored;
  whole.retries += part.retries;
  whole.fallbacks += part.fallbacks;
  whole.cacheHits += part.cacheHits;
  whole.cacheMisses += part.cacheMisses;
  whole.tokens += part.tokens;
  whole.cost = dollars(whole.cost + part.cost);
  whole.unpricedCalls += part.unpricedCalls;
  whole.freeCalls += part.freeCalls;
  if (part.savedCost !== undefined) whole.savedCost = dollars((whole.savedCost ?? 0) + part.savedCost);
}
