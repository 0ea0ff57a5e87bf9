import type { Engine } from "./engine/engine.ts";
import type { Permits } from "./engine/permits.ts";

/** What the simulator saw since it was made, restarts included. Calls are those to scoring routes. */
export class SimulatorStats {
  calls = 0;
  infoCalls = 0;
  /** Texts received, also in calls that failed. */
  documents = 0;
  callsInFlight = 0;
  peakCallsInFlight = 0;
  /** The client went away before it had the whole answer. */
  abortedCalls = 0;
  /** Requests with which something went wrong on purpose. */
  faults = 0;
  /** How often each status was answered. */
  readonly statuses: Record<number, number> = {};
  readonly #engine: Engine;
  readonly #permits: Permits;
  readonly #waiting: (() => void)[] = [];

  constructor(engine: Engine, permits: Permits) {
    this.#engine = engine;
    this.#permits = permits;
  }

  /** Pairs the model computed, also those whose answer no client received. */
  get pairsScored(): number {
    return this.#engine.pairsScored;
  }

  /** Padding included. */
  get tokensComputed(): number {
    return this.#engine.tokensComputed;
  }

  get permitsInUse(): number {
    return this.#permits.inUse;
  }

  get peakPermits(): number {
    return this.#permits.peak;
  }

  beginCall(): void {
    this.calls += 1;
    this.callsInFlight += 1;
    this.peakCallsInFlight = Math.max(this.peakCallsInFlight, this.callsInFlight);
  }

  endCall(aborted: boolean): void {
    this.callsInFlight -= 1;
    if (aborted) this.abortedCalls += 1;
    if (this.callsInFlight === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  countStatus(status: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }

  idle(): Promise<void> {
    if (this.callsInFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  toJSON(): StatsSnapshot {
    const {
      calls,
      infoCalls,
      documents,
      callsInFlight,
      peakCallsInFlight,
      abortedCalls,
      faults,
      statuses,
      pairsScored,
      tokensComputed,
      permitsInUse,
      peakPermits,
    } = this;
    return {
      calls,
      infoCalls,
      documents,
      callsInFlight,
      peakCallsInFlight,
      abortedCalls,
      faults,
      statuses,
      pairsScored,
      tokensComputed,
      permitsInUse,
      peakPermits,
    };
  }
}

export type StatsSnapshot = Pick<
  SimulatorStats,
  | "calls"
  | "infoCalls"
  | "documents"
  | "callsInFlight"
  | "peakCallsInFlight"
  | "abortedCalls"
  | "faults"
  | "statuses"
  | "pairsScored"
  | "tokensComputed"
  | "permitsInUse"
  | "peakPermits"
>;
