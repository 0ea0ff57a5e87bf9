import type { RequestReport } from "../observer.ts";

/** Tells the time in which calls are under way from the time in which none is because all batches wait. */
export class Stopwatch {
  readonly #report: RequestReport;
  #underWay = 0;
  #since = 0;

  constructor(report: RequestReport) {
    this.#report = report;
  }

  /** From now on batches wait or are called. */
  start(): void {
    if (this.#underWay === 0) this.#since = performance.now();
  }

  callBegins(): void {
    if (this.#underWay++ === 0) this.#report.queueMilliseconds += this.#lap();
  }

  callEnds(): void {
    if (--this.#underWay === 0) this.#report.upstreamMilliseconds += this.#lap();
  }

  #lap(): number {
    const before = this.#since;
    this.#since = performance.now();
    return this.#since - before;
  }
}
