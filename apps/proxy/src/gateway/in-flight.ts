/** Counts what is under way, and tells when nothing is. */
export interface InFlight {
  readonly count: number;
  /** `performance.now()` when the last one ended; -Infinity when there never was one. */
  readonly lastEnded: number;
  /** One more, here and in everything this is part of; the function that comes back says that it has ended. */
  enter(): () => void;
  /** Resolves when nothing is under way, at once if that is so now. */
  ended(): Promise<void>;
}

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
