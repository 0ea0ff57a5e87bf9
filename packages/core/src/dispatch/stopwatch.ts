import type { RequestReport } from "../observer.ts";

/** Separates the time in which calls run from the time in which none runs because all batches wait. */
export class Stopwatch {
  readonly #report: RequestReport;
  #running = 0;
  #since = 0;

  constructor(report: RequestReport) {
    this.#report = report;
  }

  /** From now on batches wait or are called. */
  start(): void {
    if (this.#running === 0) this.#since = performance.now();
  }

  callBegins(): void {
    if (this.#running++ === 0) this.#report.queueMilliseconds += this.#lap();
  }

  callEnds(): void {
    if (--this.#running === 0) this.#report.upstreamMilliseconds += this.#lap();
  }

  #lap(): number {
    const before = this.#since;
    this.#since = performance.now();
    return this.#since - before;
  }
}
