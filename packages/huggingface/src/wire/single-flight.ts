/** Runs `work` once for all who wait at the same time. Who gives up leaves the others alone; when nobody waits any more it is cancelled. */
export function shareWork<T>(work: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let shared: Shared<T> | undefined;

  const begin = (): Shared<T> => {
    const controller = new AbortController();
    const begun: Shared<T> = { controller, waiting: 0, done: work(controller.signal) };
    const forget = (): void => {
      if (shared === begun) shared = undefined;
    };
    begun.done.then(forget, forget);
    return begun;
  };

  return async (signal) => {
    signal.throwIfAborted();
    const mine = (shared ??= begin());
    mine.waiting++;
    try {
      return await untilAborted(mine.done, signal);
    } finally {
      mine.waiting--;
      if (mine.waiting === 0) {
        if (shared === mine) shared = undefined;
        mine.controller.abort();
      }
    }
  };
}

/** The promise's outcome, or the signal's reason when that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", onAbort));
}

interface Shared<T> {
  readonly done: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}
