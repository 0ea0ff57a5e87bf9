import type { RequestContext } from "./context.ts";
import type { ScoreCall, ScoreResult, Usage } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { DheeraError } from "../errors.ts";
import { checkScores } from "../upstream/check-scores.ts";
import type { CallFacts } from "../observer.ts";
import { abortable } from "../lib/abortable.ts";
import { upstreamError } from "../upstream/upstream-error.ts";

/** What one call brought. */
export interface CallResult {
  /** In the order of the call's documents. */
  readonly scores: Float64Array;
  readonly result: ScoreResult;
  readonly usage?: Usage;
}

export interface CallDetails {
  readonly modelName: string;
  readonly attempt: number;
  readonly hedge: boolean;
  /** Milliseconds. */
  readonly queued: number;
}

/**
 * One call to one deployment at whose admission a place was taken and which was told so; gives the place back and tells admission, health and latency how it went.
 * @throws DheeraError naming the deployment.
 */
export async function callOnce(
  deployment: Deployment,
  call: ScoreCall,
  context: RequestContext,
  facts: CallDetails,
): Promise<CallResult> {
  const startedAt = Date.now();
  const started = performance.now();
  let succeeded = false;
  try {
    const result = await watched(deployment, call, context, facts);
    succeeded = true;
    deployment.latency.add(performance.now() - started);
    const { observer, callId } = context;
    if (deployment.health.succeeded()) observer?.event?.({ type: "recovered", callId, deployment: deployment.id });
    return result;
  } catch (error) {
    throw recordFailure(deployment, error, call.signal, startedAt, context);
  } finally {
    deployment.admission.leave(call.documents.length, succeeded);
  }
}

function watched(
  deployment: Deployment,
  call: ScoreCall,
  context: RequestContext,
  facts: CallDetails,
): Promise<CallResult> {
  const run = (): Promise<CallResult> => scoreWithin(deployment, call);
  if (!context.observer?.call) return run();
  const told: CallFacts = {
    callId: context.callId,
    deployment: deployment.id,
    modelName: facts.modelName,
    provider: deployment.provider,
    model: deployment.model,
    documents: call.documents.length,
    queueMilliseconds: facts.queued,
    attempt: facts.attempt,
    hedge: facts.hedge,
  };
  return context.observer.call(told, run);
}

/** Within the deployment's own `timeout`, and never longer than the signal allows, whatever the provider does with it. */
function scoreWithin(deployment: Deployment, call: ScoreCall): Promise<CallResult> {
  const { timeout } = deployment.params;
  return timeout === undefined ? score(deployment, call) : scoreInTime(deployment, call, timeout);
}

async function scoreInTime(deployment: Deployment, call: ScoreCall, timeout: number): Promise<CallResult> {
  const limit = AbortSignal.timeout(timeout * 1000);
  try {
    return await score(deployment, { ...call, signal: AbortSignal.any([call.signal, limit]) });
  } catch (error) {
    if (limit.aborted && !call.signal.aborted)
      throw new DheeraError("timeout", `the deployment did not answer within its timeout of ${timeout} seconds`, {
        cause: error,
      });
    throw error;
  }
}

function score({ scorer }: Deployment, call: ScoreCall): Promise<CallResult> {
  return abortable(scorer.score(call), call.signal).then((result) => ({
    scores: checkScores(result, call.documents.length),
    result,
    usage: result.usage,
  }));
}

/** What a failure means for the deployment, and the error that says so. */
function recordFailure(
  deployment: Deployment,
  error: unknown,
  signal: AbortSignal,
  startedAt: number,
  { observer, callId }: RequestContext,
): DheeraError {
  const failure = DheeraError.from(upstreamError(error, deployment.provider, signal), { deployment: deployment.id });
  if (signal.aborted || failure.code === "provider_rejected") {
    deployment.health.ended();
    return failure;
  }
  deployment.failures++;
  if (failure.code === "provider_overloaded" || failure.code === "provider_rate_limited")
    deployment.admission.congested(startedAt);
  if (failure.code === "provider_starting") {
    void deployment.warmUp.wake(failure.retryAfter);
    observer?.event?.({ type: "starting", callId, deployment: deployment.id, seconds: failure.retryAfter ?? 0 });
  }
  const seconds = deployment.health.failed(failure.code, failure.retryAfter);
  if (seconds > 0)
    observer?.event?.({ type: "cooldown", callId, deployment: deployment.id, seconds, code: failure.code });
  return failure;
}
