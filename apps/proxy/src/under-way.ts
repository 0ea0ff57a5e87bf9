/** Counts what is under way, and tells when nothing is. */
export interface UnderWay {
  readonly count: number;
  /** One more; the function that comes back says that it has ended. */
  enter(): () => void;
  /** Resolves when nothing is under way, at once if that is so now. */
  ended(): Promise<void>;
}

export function createUnderWay(): UnderWay {
  let count = 0;
  let waiting: (() => void)[] = [];
  const leave = (): void => {
    count--;
    if (count > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    get count() {
      return count;
    },
    enter() {
      count++;
      return leave;
    },
    ended: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
