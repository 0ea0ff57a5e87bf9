/** Clients that send one request after the other until `stop`. */
export interface HeldLoad {
  /** What was answered so far. */
  readonly answered: number;
  /** Lets every client finish what it is at. @throws the first error of any client, at which all of them stopped */
  stop(): Promise<void>;
}

export function holdLoad(clients: number, ask: (number: number) => Promise<void>): HeldLoad {
  const stopped = new AbortController();
  let asked = 0;
  let answered = 0;
  const ended = Promise.allSettled(
    Array.from({ length: clients }, async () => {
      try {
        while (!stopped.signal.aborted) {
          await ask(asked++);
          answered++;
        }
      } finally {
        stopped.abort();
      }
    }),
  );
  return {
    get answered() {
      return answered;
    },
    stop: async () => {
      stopped.abort();
      for (const end of await ended) if (end.status === "rejected") throw end.reason;
    },
  };
}
