import type { Profile, ScoreCall } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import type { Slot } from "../deployment/slot.ts";
import { DheeraError } from "../errors.ts";
import { abortableResult, limitedAbort } from "../lib/waiting.ts";
import { type CheckedResult, checkResult } from "../provider/check-result.ts";
import { upstreamError } from "../upstream/upstream-error.ts";
import { billed, dollars, isUnbilled } from "./billed.ts";
import type { CallLog } from "./call-log.ts";
import type { RequestContext } from "./context.ts";
import { isForDocuments } from "./isolate-poison-document.ts";

/** What an observer learns of a call beside its deployment. */
export interface CallDetails {
  readonly modelName: string;
  readonly attempt: number;
  readonly hedge: boolean;
  readonly queueMilliseconds: number;
  /** Positions in the caller's documents; present only where a call log wants them. */
  readonly documents?: readonly number[] | undefined;
}

/**
 * One call to the deployment of a slot; gives the slot back.
 * @throws DheeraError naming the deployment.
 */
export async function callOnce(
  slot: Slot<Deployment>,
  call: ScoreCall,
  context: RequestContext,
  details: CallDetails,
): Promise<CheckedResult> {
  const { deployment } = slot;
  const { observer, callId, callLog, report } = context;
  let result: CheckedResult;
  // Until an answer tells what it cost: a call that is given up may be billed all the same.
  report.unpricedCalls++;
  try {
    result = await (callLog ? recorded(callLog, slot, call, context, details) : observed(slot, call, context, details));
  } catch (error) {
    const failure = recordFailure(slot, error, call.signal, context);
    if (isUnbilled(failure)) report.unpricedCalls--;
    else if (isFree(deployment.knownProfile)) report.freeCalls++;
    throw failure;
  }
  const cost = result.usage?.cost;
  if (cost !== undefined) {
    report.unpricedCalls--;
    report.cost = report.cost === 0 ? cost : dollars(report.cost + cost);
  } else if (isFree(deployment.knownProfile)) report.freeCalls++;
  if (slot.succeeded()) observer?.event?.({ type: "recovered", callId, deployment: deployment.id });
  return result;
}

/** By itself, because its function would cost every call something where it stands. */
function recorded(
  callLog: CallLog,
  slot: Slot<Deployment>,
  call: ScoreCall,
  context: RequestContext,
  details: CallDetails,
): Promise<CheckedResult> {
  return callLog.record(slot.deployment.id, details, () => observed(slot, call, context, details));
}

/** The observer, if there is one, runs around the call. */
function observed(
  { deployment, documents }: Slot<Deployment>,
  call: ScoreCall,
  { observer, callId, tenant }: RequestContext,
  details: CallDetails,
): Promise<CheckedResult> {
  if (!observer?.call) return scoreWithinTimeout(deployment, call);
  return observer.call(
    {
      callId,
      tenant,
      deployment: deployment.id,
      modelName: details.modelName,
      provider: deployment.provider,
      model: deployment.model,
      billing: deployment.knownProfile?.billing,
      documents,
      queueMilliseconds: details.queueMilliseconds,
      attempt: details.attempt,
      hedge: details.hedge,
    },
    () => scoreWithinTimeout(deployment, call),
  );
}

/**
 * Within the deployment's own `timeout`, and never longer than the signal allows, whatever the provider does with it.
 */
function scoreWithinTimeout(deployment: Deployment, call: ScoreCall): Promise<CheckedResult> {
  const { timeout } = deployment.params;
  return timeout === undefined ? score(deployment, call, call.signal) : scoreInTime(deployment, call, timeout);
}

async function scoreInTime(deployment: Deployment, call: ScoreCall, timeout: number): Promise<CheckedResult> {
  const limited = limitedAbort(call.signal, timeout * 1000);
  try {
    return await score(deployment, call, limited.signal);
  } catch (error) {
    if (limited.signal.aborted && !call.signal.aborted)
      throw new DheeraError("timeout", `the deployment did not answer within its timeout of ${timeout} seconds`, {
        cause: error,
      });
    throw error;
  } finally {
    limited.close();
  }
}

/**
 * The provider gets a list of its own, so that whatever it does to it no other attempt sees. A frozen list would stop it
 * earlier, but makes `JSON.stringify` of a large call five times as slow; that the list is as it was is seen in less than a microsecond.
 */
function score(
  { scorer, provider, knownProfile }: Deployment,
  { query, documents, params, providerOptions, sameCall }: ScoreCall,
  signal: AbortSignal,
): Promise<CheckedResult> {
  const own = documents.slice();
  const scoring = scorer.score({ query, documents: own, params, providerOptions, signal, sameCall });
  return abortableResult(scoring, signal, (result) => {
    if (!isSame(own, documents)) throw changedDocuments(provider);
    const checked = checkResult(result, documents.length, provider, knownProfile?.scoreKind);
    if (!knownProfile || isFree(knownProfile)) return checked;
    return { ...checked, usage: billed(checked.usage, documents.length, knownProfile) };
  });
}

/** Most servers are people's own, which bill nothing and have no price. */
function isFree(profile: Profile | undefined): boolean {
  return profile?.billing === "compute" && !profile.price;
}

function isSame(own: readonly string[], documents: readonly string[]): boolean {
  if (own.length !== documents.length) return false;
  for (let position = 0; position < documents.length; position++)
    if (own[position] !== documents[position]) return false;
  return true;
}

/** Its scores may belong to other texts than their indices say. */
function changedDocuments(provider: string): DheeraError {
  return new DheeraError(
    "provider_failed",
    `the provider ${provider} has a fault: it changed the list of documents that it was to score; it must change a copy`,
    { provider, defect: true },
  );
}

/** Gives the slot back and reports what the failure means for the deployment. @returns the error that says so. */
function recordFailure(
  slot: Slot<Deployment>,
  error: unknown,
  signal: AbortSignal,
  { observer, callId }: RequestContext,
): DheeraError {
  const { id: deployment, provider } = slot.deployment;
  const failure = DheeraError.from(upstreamError(error, provider, signal), { deployment });
  if (signal.aborted || isForDocuments(failure)) {
    slot.abandoned();
    return failure;
  }
  const seconds = slot.failed(failure);
  if (failure.defect) observer?.event?.({ type: "defect", callId, deployment, cause: failure.cause ?? failure });
  if (failure.code === "provider_starting")
    observer?.event?.({ type: "starting", callId, deployment, seconds: failure.retryAfter ?? 0 });
  if (seconds > 0) observer?.event?.({ type: "cooldown", callId, deployment, seconds, code: failure.code });
  return failure;
}
