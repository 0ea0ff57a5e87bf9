import { abortable } from "@dheera-ai/core/provider-utils";

/**
 * Runs `work` once for all callers that wait at the same time. A caller whose signal aborts leaves the others alone;
 * when no caller waits any more, the work is cancelled.
 */
export function singleFlight<T>(work: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let current: Flight<T> | undefined;

  const start = (): Flight<T> => {
    const controller = new AbortController();
    const flight: Flight<T> = { controller, callers: 0, done: work(controller.signal) };
    const forget = (): void => {
      if (current === flight) current = undefined;
    };
    flight.done.then(forget, forget);
    return flight;
  };

  return async (signal) => {
    signal.throwIfAborted();
    const flight = (current ??= start());
    flight.callers++;
    try {
      return await abortable(flight.done, signal);
    } finally {
      flight.callers--;
      if (flight.callers === 0) {
        if (current === flight) current = undefined;
        flight.controller.abort();
      }
    }
  };
}

interface Flight<T> {
  readonly done: Promise<T>;
  readonly controller: AbortController;
  callers: number;
}
