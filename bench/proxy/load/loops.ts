import type { Send } from "./send.ts";

export interface Answers {
  /** Milliseconds, in the order of the answers. */
  readonly latencies: readonly number[];
  readonly failures: number;
  /** From the first request to the last answer. */
  readonly milliseconds: number;
}

/** A timer may be late by this many milliseconds; the rest of a wait is spent looking at the clock. */
const timersAreLate = 2;

/** Open loop: requests are due at even distances, and their latency counts from then, whatever keeps them waiting. */
export function askAtRate(send: Send, rate: number, seconds: number): Promise<Answers> {
  const tally = new Tally();
  const total = Math.floor(rate * seconds);
  const dueAt = (number: number): number => tally.began + (number * 1000) / rate;
  return new Promise((resolve) => {
    let sent = 0;
    const tick = (): void => {
      for (; sent < total && performance.now() >= dueAt(sent); sent++) {
        const due = dueAt(sent);
        send((failed) => {
          if (tally.count(due, failed) === total) resolve(tally.answers());
        });
      }
      const wait = dueAt(sent) - performance.now();
      if (sent === total) return;
      if (wait > timersAreLate) setTimeout(tick, wait - timersAreLate);
      else setImmediate(tick);
    };
    tick();
  });
}

/** Closed loop: each connection asks again when it was answered. */
export function askWhenAnswered(send: Send, connections: number, seconds: number): Promise<Answers> {
  const tally = new Tally();
  const end = tally.began + seconds * 1000;
  return new Promise((resolve) => {
    let open = connections;
    const next = (): void => {
      const started = performance.now();
      if (started >= end) {
        if (--open === 0) resolve(tally.answers());
        return;
      }
      send((failed) => {
        tally.count(started, failed);
        next();
      });
    };
    for (let connection = 0; connection < connections; connection++) next();
  });
}

class Tally {
  readonly began = performance.now();
  readonly #latencies: number[] = [];
  #failures = 0;

  /** @returns how many answers there are */
  count(since: number, failed: boolean): number {
    if (failed) this.#failures++;
    return this.#latencies.push(performance.now() - since);
  }

  answers(): Answers {
    return { latencies: this.#latencies, failures: this.#failures, milliseconds: performance.now() - this.began };
  }
}
