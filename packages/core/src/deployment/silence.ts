import type { Scorer } from "../contract.ts";
import { removeFrom } from "../lib/remove-from.ts";
import { abortable, sleep } from "../lib/waiting.ts";
import type { Latency } from "./health.ts";
import { probeCall } from "./warm-up.ts";

/** A call that is watched until it ends. */
export interface WatchedCall {
  readonly documents: number;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
  /** Called when the deployment has become silent while this call ran; `isFirst` for one of the calls that run. */
  readonly onSilent: (isFirst: boolean) => void;
}

/** Nothing answered for so many times as long as 99 of 100 calls take at most, and for at least so many milliseconds. */
const timesLatency = 4;
const leastPatienceMs = 100;
/** Before enough calls have ended to judge by: a model's first calls may take long. */
const patienceWithoutLatencyMs = 5_000;
const fewestCalls = 8;
/** What had arrived but was not read yet, because this process was busy, is read within the next turn of the loop. */
const turnMs = 1;
/** A probe of a silent server is given so long, doubling, and so much time passes between two. */
const firstProbeMs = 2_000;
const longestProbeMs = 60_000;
const probePauseMs = 500;

/**
 * Notices a server that has stopped answering: calls run, and none of them has ended for several times as long as calls
 * usually take. A slow server still ends one call after the other, so it is not silent. While it is silent it is asked
 * for one tiny score at a time, in the background, until it answers anything.
 *
 * Only calls that another deployment could take over are watched: where there is none, waiting is all that can be done.
 */
export class Silence {
  /** Whether calls had better go elsewhere. Set here alone; a field, because every request reads it. */
  isSilent = false;
  readonly #latency: Latency;
  readonly #scorer: Scorer;
  /** The oldest first. */
  readonly #calls: WatchedCall[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lookedTwice = false;
  #heardAt = 0;
  /** Aborts when the server answers or the deployment is closed. */
  #probing: AbortController | undefined;

  constructor(latency: Latency, scorer: Scorer) {
    this.#latency = latency;
    this.#scorer = scorer;
  }

  /** Milliseconds without any answer after which the deployment is silent. */
  patience(documents: number): number {
    const { count, documents: usual } = this.#latency;
    if (count < fewestCalls) return patienceWithoutLatencyMs;
    const share = Math.max(1, documents / Math.max(1, usual));
    return Math.max(leastPatienceMs, timesLatency * this.#latency.quantile(0.99) * share);
  }

  begin(documents: number, onSilent: WatchedCall["onSilent"]): WatchedCall {
    const call: WatchedCall = { documents, startedAt: performance.now(), onSilent };
    this.#calls.push(call);
    if (this.#timer === undefined && !this.isSilent) this.#lookIn(this.patience(documents));
    return call;
  }

  /** @param answered The server has answered, also with a refusal; not: the call was given up. */
  end(call: WatchedCall, answered: boolean): void {
    removeFrom(this.#calls, call);
    if (answered) this.#heard();
  }

  /** Watches no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#probing?.abort();
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#lookedTwice = false;
    if (!this.isSilent) return;
    this.isSilent = false;
    this.#probing?.abort();
    this.#probing = undefined;
    if (this.#calls.length > 0) this.#lookIn(leastPatienceMs);
  }

  #lookIn(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, milliseconds);
    if (typeof this.#timer === "object") this.#timer.unref();
  }

  #look(): void {
    const [oldest] = this.#calls;
    if (!oldest || this.isSilent) return;
    const left = Math.max(oldest.startedAt, this.#heardAt) + this.patience(oldest.documents) - performance.now();
    if (left > 0) {
      this.#lookedTwice = false;
      return this.#lookIn(left);
    }
    if (!this.#lookedTwice) {
      this.#lookedTwice = true;
      return this.#lookIn(turnMs);
    }
    this.#lookedTwice = false;
    this.isSilent = true;
    this.#probing = new AbortController();
    void this.#probe(this.#probing.signal);
    for (const [position, call] of [...this.#calls].entries()) call.onSilent(position === 0);
  }

  /** Until the server answers; an error is an answer, which the calls that follow report better. */
  async #probe(signal: AbortSignal): Promise<void> {
    try {
      for (let limit = firstProbeMs; ; limit = Math.min(longestProbeMs, limit * 2)) {
        const tooLong = AbortSignal.timeout(limit);
        const either = AbortSignal.any([signal, tooLong]);
        try {
          await abortable(this.#scorer.score(probeCall(either)), either);
          return this.#heard();
        } catch {
          if (signal.aborted) return;
          if (!tooLong.aborted) return this.#heard();
        }
        await sleep(probePauseMs, signal, "background");
      }
    } catch {
      // The deployment was closed, or a call was answered.
    }
  }
}
