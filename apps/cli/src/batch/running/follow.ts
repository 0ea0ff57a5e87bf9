import { sleep } from "@dheera-ai/core/provider-utils";

import { type BatchPlace, type BatchState, hasEnded } from "./batch-place.ts";
import type { Halt } from "./rank-here.ts";

/** Why it was left before it ended. */
export type Left = Halt | { readonly kind: "signal" } | { readonly kind: "silent"; readonly pausedFor: string };

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Told how it is each time that is looked at. */
  readonly onState: (state: BatchState) => void;
  /** Milliseconds without an answered request after which a batch that is paused is left. */
  readonly patience: number;
  /** Why this process wants nothing more. */
  readonly halted: () => Halt | undefined;
}

/** Looks at the batch until it has ended, or there is a reason to leave it. */
export async function follow(
  place: BatchPlace,
  batchId: string,
  { signal, onState, patience, halted }: FollowOptions,
): Promise<{ readonly state: BatchState; readonly left?: Left }> {
  let ended = -1;
  let since = performance.now();
  for (;;) {
    const state = await place.find(batchId);
    onState(state);
    if (hasEnded(state)) return { state };
    if (signal.aborted) return { state, left: { kind: "signal" } };
    const halt = halted();
    if (halt) return { state, left: halt };
    if (state.completed + state.failed !== ended || state.pausedFor === undefined) {
      ended = state.completed + state.failed;
      since = performance.now();
    }
    if (state.pausedFor !== undefined && performance.now() - since > patience)
      return { state, left: { kind: "silent", pausedFor: state.pausedFor } };
    await sleep(place.pace, signal).catch(() => undefined);
  }
}
