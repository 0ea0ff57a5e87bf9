import { CallLog } from "./dispatch/call-log.ts";
import { type RequestContext, openContext } from "./dispatch/context.ts";
import { dispatch } from "./dispatch/dispatch.ts";
import type { ComputeScores, ScoreTask } from "./dispatch/score-task.ts";
import { diversify, diversityOf } from "./diversify/read-diversity.ts";
import { isReady } from "./deployment/slot.ts";
import { DheeraError, isDheeraError } from "./errors.ts";
import { isLarge, yieldToEventLoop } from "./lib/waiting.ts";
import type { RerankOptions } from "./options.ts";
import { type Passages, bestPassages, splitPassages } from "./plan/passages.ts";
import { planTask } from "./plan/plan-task.ts";
import type { RerankResponse } from "./request/api.ts";
import { type CheckedRequest, defaultMaxDocuments, parseRequest } from "./request/parse-request.ts";
import { applyCalibration, atLeast, wantsOwnScale } from "./response/apply-calibration.ts";
import { applySigmoid } from "./response/normalize.ts";
import { rankTopN } from "./response/top-n.ts";
import { mayPassThrough, passThrough } from "./response/passthrough.ts";
import { respond } from "./response/respond.ts";
import type { GroupLease, ModelRegistry } from "./routing/model-registry.ts";
import type { Pool } from "./routing/pool.ts";
import { type Group, type Route, routeFor } from "./routing/route.ts";
import { abortError } from "./upstream/upstream-error.ts";

/**
 * One request: parsed, ranked by the first pool of deployments that can, or answered in input order where the
 * configuration says so.
 */
export async function rerank(registry: ModelRegistry, input: unknown, options: RerankOptions): Promise<RerankResponse> {
  const request = withCacheNamespace(
    registry.warnOfProviders(parseRequest(input, registry.limits)),
    options.cacheNamespace,
  );
  const isInBackground = [request.priority, options.tenant?.priority].includes("background");
  const context = openContext({
    callId: options.callId,
    signal: options.signal ?? signalOf(input),
    tenant: options.tenant,
    beforeChunks: options.beforeChunks,
    report: options.report,
    priority: request.priority,
    background: isInBackground ? new (await import("./background/background-work.ts")).BackgroundWork() : undefined,
    timeout: request.timeout ?? registry.timeout,
    observer: registry.observer,
    callLog: request.explain ? new CallLog() : undefined,
  });
  let lease: GroupLease | undefined;
  try {
    lease = registry.lease(request, options);
    if (registry.combined?.areIn(lease.groups)) {
      // Who has no models that ask others loads nothing of what they need.
      const { rankByChain } = await import("./combining/rank-chain.ts");
      return await rankByChain({ registry, options, byRoute: rankByRoute, path: [] }, lease.groups, request, context);
    }
    return await rankByRoute(routeFor(lease.groups, registry, request, context), registry, request, context);
  } catch (error) {
    const groups = lease?.groups ?? [];
    const failure = failureOf(error, groups, context);
    if (!mayPassThrough(failure, groups, registry.combined)) throw failure;
    return passThrough(request, failure, context);
  } finally {
    context.close();
    lease?.release();
  }
}

/** A body that came over HTTP may have a field of this name, which means nothing. */
function signalOf(input: unknown): AbortSignal | undefined {
  const signal: unknown = typeof input === "object" && input !== null ? Reflect.get(input, "signal") : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}

/** The first pool of a route that can rank. */
async function rankByRoute(
  route: Route,
  registry: ModelRegistry,
  request: CheckedRequest,
  context: RequestContext,
): Promise<RerankResponse> {
  context.report.documents = request.texts.length;
  if (context.background || isLarge(request.texts)) await turnOf(context);
  for (;;) {
    const pool = route.nextPoolNow() ?? (await route.nextPool());
    try {
      return await rank(registry, pool, request, context);
    } catch (error) {
      route.poolFailed(pool, error);
    }
  }
}

/** One pool's ranking: reuse what is known, plan and dispatch the rest, normalize, merge, respond. */
async function rank(
  registry: ModelRegistry,
  pool: Pool,
  request: CheckedRequest,
  context: RequestContext,
): Promise<RerankResponse> {
  const split = splitPassages(request, pool, async () => {
    const { tokenCounter } = await import("./dispatch/count-tokens.ts");
    return tokenCounter(pool, context);
  });
  const passages = split instanceof Promise ? await split : split;
  if (passages.documentIndices) await admitChunks(passages.texts.length, registry, context);
  const task = taskOf(request, pool, passages, registry, context);
  const outcome = await registry.reuse.scores(task, request.cache, context, computeScores);
  // Decided here and not where documents are refused: other documents of the request may have known scores.
  if (outcome.refusal && outcome.scores.every((score) => Number.isNaN(score))) throw outcome.refusal;
  if (context.background || isLarge(request.texts)) await turnOf(context);
  const scores = bestPassages(passages, outcome.scores, request.texts.length);
  const normalized = applySigmoid(scores, outcome.scoreKind, normalizationOf(request, pool));
  const { calibration } = pool;
  const calibrated =
    calibration && wantsOwnScale(request)
      ? applyCalibration(calibration, normalized, { scores, scoreKind: outcome.scoreKind })
      : undefined;
  // Most ask for none, and run through nothing of it.
  const diversity = (request.diversify ?? pool.params.diversify) && diversityOf(request, pool.params.diversify);
  const count = diversity ? request.texts.length : request.topN;
  // Ranked by what the model said: documents that become equally probable keep its order.
  const ranked = calibrated
    ? atLeast(request.minScore, rankTopN(normalized.scores, count), calibrated)
    : rankTopN(normalized.scores, count, request.minScore);
  const answered = calibrated ?? normalized;
  const positions = diversity ? await diversify(diversity, ranked, answered, request, context.signal) : ranked;
  const isDiversified = diversity !== undefined;
  return respond({ request, context, task, passages, outcome, normalized: answered, positions, isDiversified });
}

/** Chunks are scored like documents, so they are limited like documents. */
async function admitChunks(chunks: number, { limits }: ModelRegistry, { beforeChunks }: RequestContext): Promise<void> {
  const most = limits.maxDocuments ?? defaultMaxDocuments;
  if (chunks > most)
    throw new DheeraError(
      "invalid_request",
      `documents: they make ${chunks} chunks, more than the ${most} texts allowed; send fewer documents at a time, or lower max_chunks_per_doc`,
      { param: "documents" },
    );
  await beforeChunks?.(chunks);
}

/** Plans and dispatches what reuse left over. */
const computeScores: ComputeScores = (task, context) =>
  context.background || isLarge(task.texts)
    ? computeManyScores(task, context)
    : dispatch(task, planTask(task), context);

const computeManyScores: ComputeScores = async (task, context) => {
  await turnOf(context);
  if (context.signal.aborted) throw context.signal.reason;
  const plan = planTask(task);
  await turnOf(context);
  return dispatch(task, plan, context);
};

/** Lets other requests go on before a large step, and before any step that is in the background. */
function turnOf({ background }: RequestContext): Promise<void> {
  return background ? background.turn() : yieldToEventLoop();
}

function taskOf(
  request: CheckedRequest,
  pool: Pool,
  passages: Passages,
  { retries }: ModelRegistry,
  { background }: RequestContext,
): ScoreTask {
  return {
    pool,
    query: request.query,
    texts: passages.texts,
    textsOfRequest: passages.texts.length,
    part: request.part,
    documentIndices: passages.documentIndices,
    isChunked: passages.documentIndices !== undefined,
    params: request.params,
    providerOptions: request.providerOptions,
    asksDetails: pool.asksDetails(request.providerOptions, request.params),
    onDocumentError: request.onDocumentError ?? pool.params.on_document_error ?? "fail",
    retries,
    background,
  };
}

function withCacheNamespace(request: CheckedRequest, namespace: string | undefined): CheckedRequest {
  if (namespace === undefined) return request;
  const { cache } = request;
  return { ...request, cache: { ...cache, namespace: JSON.stringify([namespace, cache.namespace ?? null]) } };
}

/** A request for raw scores means them, whatever the model's configuration says. */
function normalizationOf(request: CheckedRequest, pool: Pool): "none" | "sigmoid" {
  return request.normalize ?? (request.params.rawScores ? "none" : (pool.params.normalize ?? "none"));
}

/**
 * The error that the caller sees. Every failure of a provider is a `DheeraError` by now: anything else is a fault of
 * this package.
 */
function failureOf(error: unknown, groups: readonly Group[], { signal }: RequestContext): DheeraError {
  if (signal.aborted) return startingError(groups, abortError(signal.reason));
  if (isDheeraError(error)) return error;
  return new DheeraError("internal", "something went wrong in the reranker itself", { cause: error });
}

/** A deadline that passed while every deployment that could serve was starting: the caller learns when to come back. */
function startingError(groups: readonly Group[], failure: DheeraError): DheeraError {
  const deployments = groups.flat();
  const starting = deployments.filter(({ warmUp }) => warmUp.isRunning);
  if (failure.code !== "timeout" || starting.length === 0 || deployments.some(isReady)) return failure;
  const retryAfter = Math.min(...starting.map(({ warmUp }) => warmUp.secondsLeft()));
  return new DheeraError(
    "provider_starting",
    "the model is still starting and the request's timeout has passed; try again later or raise timeout",
    { retryAfter, deployment: starting[0]?.id, provider: starting[0]?.provider, cause: failure.cause },
  );
}
