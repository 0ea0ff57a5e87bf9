import type { ScoreCall } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { type Slot, tryTakeSlot } from "../deployment/slot.ts";
import { linkedAbort, sleep } from "../lib/waiting.ts";
import type { CheckedResult } from "../provider/check-result.ts";
import type { Pool } from "../routing/pool.ts";
import { type CallDetails, callOnce } from "./call-once.ts";
import type { RequestContext } from "./context.ts";

/** Calls that must have ended before the p95 is used. */
const fewestCalls = 20;
/** Extra calls at most, as a share of all. */
const mostExtra = 0.05;
/** A deployment busier than this has no room for calls that may be thrown away. */
const busyShare = 0.5;

/**
 * A call that is sent a second time, to another replica, when it takes longer than 95 of 100 of this deployment's
 * calls. The first answer counts and the other call is cancelled. At most 5 % extra calls, never where a search is paid
 * for, and not to busy replicas.
 */
export async function callWithHedge(
  slot: Slot<Deployment>,
  pool: Pool,
  call: ScoreCall,
  context: RequestContext,
  details: CallDetails,
): Promise<CheckedResult> {
  const first = linkedAbort(call.signal);
  const second = linkedAbort(call.signal);
  const done = new AbortController();
  try {
    const original = callOnce(slot, { ...call, signal: first.signal }, context, details);
    return await firstSuccess(original, becomesStraggler(slot.deployment, done.signal), () =>
      sendCopy(slot.deployment, pool, { ...call, signal: second.signal }, context, details),
    );
  } finally {
    done.abort();
    for (const linked of [first, second]) {
      linked.close();
      linked.abort(new DOMException("another call was faster", "AbortError"));
    }
  }
}

/**
 * The original's answer or the copy's, the first that succeeds. When both fail the original's error counts: the caller
 * never asked for the copy.
 */
function firstSuccess(
  original: Promise<CheckedResult>,
  straggling: Promise<void>,
  again: () => Promise<CheckedResult> | undefined,
): Promise<CheckedResult> {
  return new Promise((resolve, reject) => {
    let copy: Promise<CheckedResult> | undefined;
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

/** Resolves when the call has become a straggler; never when there are too few calls to judge by. */
function becomesStraggler({ latency }: Deployment, signal: AbortSignal): Promise<void> {
  if (latency.count < fewestCalls) return new Promise(() => {});
  return sleep(latency.quantile(0.95), signal);
}

function sendCopy(
  slow: Deployment,
  pool: Pool,
  call: ScoreCall,
  context: RequestContext,
  details: CallDetails,
): Promise<CheckedResult> | undefined {
  const replica = pool.members(new Set([slow])).find((member) => member !== slow);
  const { hedges, calls } = slow.counters;
  if (!replica || pool.profile.billing === "per-search" || hedges >= mostExtra * calls || isBusy(replica))
    return undefined;
  const slot = tryTakeSlot(replica, call.documents.length, context);
  if (!slot) return undefined;
  slow.counters.hedges++;
  return callOnce(slot, call, context, { ...details, hedge: true });
}

function isBusy({ admission }: Deployment): boolean {
  return admission.documentsQueued > 0 || admission.documentsInFlight > busyShare * admission.allowance.documents;
}
