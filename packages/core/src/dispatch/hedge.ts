import type { ScoreCall } from "../contract.ts";
import type { Deployment } from "../deployment/deployment.ts";
import type { WatchedCall } from "../deployment/silence.ts";
import { type Slot, isReady, tryTakeSlot } from "../deployment/slot.ts";
import { DheeraError } from "../errors.ts";
import { type LinkedAbort, linkedAbort, sleep } from "../lib/waiting.ts";
import type { CheckedResult } from "../provider/check-result.ts";
import type { Pool, SlotOptions } from "../routing/pool.ts";
import { type CallDetails, callOnce } from "./call-once.ts";
import type { RequestContext } from "./context.ts";

/** Calls that must have ended before the p95 is used. */
const fewestCalls = 20;
/** Extra calls at most, as a share of all. */
const mostExtra = 0.05;
/** A deployment busier than this has no room for calls that may be thrown away. */
const busyShare = 0.5;

/**
 * A call that is sent a second time, to another deployment of its pool. The first answer counts and the other call is
 * cancelled.
 *
 * Where `hedge` is on: when it takes longer than 95 of 100 of this deployment's calls; at most 5 % extra calls, not to
 * busy replicas, and never of what is in the background. Always: when its deployment has become silent, for then all its
 * calls would wait for ever. Never where a search is paid for.
 */
export async function callWithHedge(
  slot: Slot<Deployment>,
  pool: Pool,
  call: ScoreCall,
  context: RequestContext,
  details: CallDetails,
): Promise<CheckedResult> {
  const { deployment } = slot;
  const first = linkedAbort(call.signal);
  let second: LinkedAbort | undefined;
  const copyOf = (): ScoreCall => ({ ...call, signal: (second ??= linkedAbort(call.signal)).signal });
  const mayHedge = deployment.params.hedge && !context.background;
  let watched: WatchedCall | undefined;
  try {
    const original = callOnce(slot, { ...call, signal: first.signal }, context, details);
    return await new Promise<CheckedResult>((resolve, reject) => {
      let copy: Promise<CheckedResult> | undefined;
      const sendOnce = (send: () => Promise<CheckedResult> | undefined): void => {
        if (copy) return;
        copy = send();
        copy?.then(resolve, () => {});
      };
      watched = deployment.silence.begin(call.documents.length, (isFirst) => {
        if (isFirst) reportSilence(deployment, context);
        endSilence(deployment, pool, first, () =>
          sendOnce(() => sendElsewhere(deployment, pool, copyOf(), context, details)),
        );
      });
      // When both fail the original's error counts: the caller never asked for the copy.
      original.then(resolve, (error: unknown) => (copy ? copy.then(resolve, () => reject(error)) : reject(error)));
      if (mayHedge)
        becomesStraggler(deployment, first.signal).then(
          () => sendOnce(() => sendCopy(deployment, pool, copyOf(), context, details)),
          () => {},
        );
      const end = (): void => {
        if (watched) deployment.silence.end(watched, !first.signal.aborted);
      };
      original.then(end, end);
    });
  } finally {
    // Else there was nothing but the one call, which has ended.
    const mayRun = second || mayHedge || deployment.silence.isSilent;
    for (const linked of [first, second]) {
      linked?.close();
      if (mayRun) linked?.abort(new DOMException("another call was faster", "AbortError"));
    }
  }
}

/** Milliseconds of silence, and times its patience, after which another model serves instead. */
const leastSilenceMs = 5_000;
const timesPatience = 3;

function reportSilence({ id: deployment, silence }: Deployment, { callId, observer }: RequestContext): void {
  observer?.event?.({ type: "silent", callId, deployment, milliseconds: silence.patience(1) });
}

/** Copies a call of a silent deployment to another of its pool. Without one the call ends where another pool can serve. */
function endSilence(deployment: Deployment, pool: Pool, original: LinkedAbort, copy: () => void): void {
  if (pool.profile.billing !== "per-search" && pool.members().some((other) => other !== deployment && isReady(other)))
    return copy();
  const wait = Math.max(leastSilenceMs, timesPatience * deployment.silence.patience(1));
  sleep(wait, original.signal, "background").then(
    () => {
      if (deployment.silence.isSilent && pool.hasAlternative())
        original.abort(new DheeraError("timeout", "the server answers nothing", { deployment: deployment.id }));
    },
    () => {},
  );
}

/** To the best other member, also when that has to be waited for. */
async function sendElsewhere(
  silent: Deployment,
  pool: Pool,
  call: ScoreCall,
  context: RequestContext,
  details: CallDetails,
): Promise<CheckedResult> {
  const options: SlotOptions = {
    tried: new Set([silent]),
    strategy: "least-busy",
    flow: context,
    signal: call.signal,
    deadline: context.deadline,
    divisible: false,
  };
  const { length } = call.documents;
  const slot = pool.tryAcquire(length, options) ?? (await pool.acquire(length, options));
  if (slot) return callOnce(slot, call, context, { ...details, hedge: true });
  throw new DheeraError("provider_overloaded", "no other replica has room for the call");
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
