import { isDheeraError } from "@dheera-ai/core";
import { sleep } from "@dheera-ai/core/provider-utils";

import { type BatchPlace, type BatchState, hasEnded } from "./batch-place.ts";
import type { Halt } from "./rank-here.ts";

/** Why it was left before it ended. */
export type Left = Halt | { readonly kind: "signal" } | { readonly kind: "silent"; readonly pausedFor: string };

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Told how it is each time that is looked at. */
  readonly onState: (state: BatchState) => void;
  /** As it was when that was looked at the last time. */
  readonly state: BatchState;
  /** Milliseconds without an answered request after which a batch that is paused, or cannot be looked at, is left. */
  readonly patience: number;
  /** Why this process wants nothing more. */
  readonly halted: () => Halt | undefined;
}

/** Looks at the batch until it has ended, or there is a reason to leave it. */
export async function follow(
  place: BatchPlace,
  batchId: string,
  { signal, onState, patience, halted, state: before }: FollowOptions,
): Promise<{ readonly state: BatchState; readonly left?: Left }> {
  let state = before;
  let since = performance.now();
  for (;;) {
    const ended = state.completed + state.failed;
    state = await look(place, batchId, state, signal);
    onState(state);
    if (hasEnded(state)) return { state };
    if (signal.aborted) return { state, left: { kind: "signal" } };
    const halt = halted();
    if (halt) {
      // What was in hand counts before it is said how much is done.
      await place.rest();
      state = await look(place, batchId, state, signal);
      return hasEnded(state) ? { state } : { state, left: halt };
    }
    if (state.completed + state.failed > ended || state.pausedFor === undefined) since = performance.now();
    else if (performance.now() - since > patience)
      return { state, left: { kind: "silent", pausedFor: state.pausedFor } };
    await sleep(place.pace, signal).catch(() => undefined);
  }
}

/** A proxy that does not answer now may be restarting. */
async function look(place: BatchPlace, batchId: string, before: BatchState, signal: AbortSignal): Promise<BatchState> {
  try {
    return await place.find(batchId);
  } catch (error) {
    if (signal.aborted) return before;
    const cause = error instanceof Error && isDheeraError(error.cause) ? error.cause : error;
    if (!isDheeraError(cause) || !cause.retryable) throw error;
    return { ...before, pausedFor: error instanceof Error ? error.message : cause.message };
  }
}
