/** A signal that aborts with its leader, and can be aborted alone. */
export interface Follower {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Lets go of the leader. */
  close(): void;
}

/** `translate` turns the leader's reason into this signal's. */
export function follow(
  leader: AbortSignal | undefined,
  translate: (reason: unknown) => unknown = (reason) => reason,
): Follower {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(translate(leader?.reason));
  if (leader?.aborted) onAbort();
  else leader?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    close: () => leader?.removeEventListener("abort", onAbort),
  };
}
