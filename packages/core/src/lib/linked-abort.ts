/** A signal that aborts with its leader, and can be aborted alone. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** No longer follows the leader. */
  close(): void;
}

/** `translate` turns the leader's reason into this signal's. */
export function linkedAbort(
  leader: AbortSignal | undefined,
  translate: (reason: unknown) => unknown = (reason) => reason,
): LinkedAbort {
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
