/** Counts the requests in flight, and reports when there are none. */
export interface InFlight {
  readonly count: number;
  /** `performance.now()` when the last request ended; -Infinity before the first. */
  readonly lastEnded: number;
  /** Counts one more request, here and in `whole`, until the returned function is called. */
  enter(): () => void;
  /** Resolves when no request is in flight, at once if there is none now. */
  ended(): Promise<void>;
}

/** @param whole A counter of a larger whole, which counts each request as well. */
export function createInFlight(whole?: InFlight): InFlight {
  let count = 0;
  let lastEnded = Number.NEGATIVE_INFINITY;
  let waiting: (() => void)[] = [];
  const leave = (): void => {
    count--;
    lastEnded = performance.now();
    if (count > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    get count() {
      return count;
    },
    get lastEnded() {
      return lastEnded;
    },
    enter() {
      count++;
      const leaveWhole = whole?.enter();
      if (!leaveWhole) return leave;
      return () => {
        leave();
        leaveWhole();
      };
    },
    ended: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
