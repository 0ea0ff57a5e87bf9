import { type CallDetails, type CallResult, callOnce } from "./call-once.ts";
import type { RequestContext } from "./context.ts";
import type { ScoreCall } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { linkedAbort } from "../lib/linked-abort.ts";
import { sleep } from "../lib/abortable.ts";
import type { Pool } from "../routing/pool.ts";

/** Calls that must have ended before the p95 is believed. */
const fewestCalls = 20;
/** Extra calls at most, as a share of all. */
const mostExtra = 0.05;
/** A deployment busier than this has no room for calls that may be thrown away. */
const busyShare = 0.5;

/**
 * A call that is sent a second time, to another replica, when it takes longer than 95 of 100 of this deployment's calls. The first answer counts and the
 * other call is cancelled. At most 5 % extra calls, never where a search is paid for, and not to busy replicas.
 */
export async function hedged(
  deployment: Deployment,
  pool: Pool,
  call: ScoreCall,
  context: RequestContext,
  facts: CallDetails,
): Promise<CallResult> {
  const first = linkedAbort(call.signal);
  const second = linkedAbort(call.signal);
  const done = new AbortController();
  try {
    const original = callOnce(deployment, { ...call, signal: first.signal }, context, facts);
    return await firstSuccess(original, straggle(deployment, done.signal), () =>
      sendCopy(deployment, pool, { ...call, signal: second.signal }, context, facts),
    );
  } finally {
    done.abort();
    for (const linked of [first, second]) {
      linked.close();
      linked.abort(new DOMException("another call was faster", "AbortError"));
    }
  }
}

/** The original's answer or the copy's, whichever succeeds first. The original's error counts when both fail: the copy was nobody's wish. */
function firstSuccess(
  original: Promise<CallResult>,
  straggling: Promise<void>,
  again: () => Promise<CallResult> | undefined,
): Promise<CallResult> {
  return new Promise((resolve, reject) => {
    let copy: Promise<CallResult> | undefined;
    original.then(resolve, (error: unknown) => (copy ? copy.then(resolve, () => reject(error)) : reject(error)));
    straggling.then(
      () => {
        copy = again();
        copy?.then(resolve, () => {});
      },
      () => {},
    );
  });
}

/** Resolves when the call has become a straggler; never when there is too little to judge by. */
function straggle({ latency }: Deployment, signal: AbortSignal): Promise<void> {
  if (latency.count < fewestCalls) return new Promise(() => {});
  return sleep(latency.quantile(0.95), signal);
}

function sendCopy(
  deployment: Deployment,
  pool: Pool,
  call: ScoreCall,
  context: RequestContext,
  facts: CallDetails,
): Promise<CallResult> | undefined {
  const replica = pool.members(new Set([deployment])).find((member) => member !== deployment);
  const mayHedge =
    replica &&
    pool.profile.billing !== "per-search" &&
    deployment.hedges < mostExtra * deployment.calls &&
    !isBusy(replica);
  if (!mayHedge || !replica.admission.tryAdmit(call.documents.length)) return undefined;
  replica.began();
  deployment.hedges++;
  return callOnce(replica, call, context, { ...facts, hedge: true });
}

function isBusy({ admission }: Deployment): boolean {
  return admission.documentsQueued > 0 || admission.documentsInFlight > busyShare * admission.documentsAllowed;
}
