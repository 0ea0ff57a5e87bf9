import type { AdmissionFlow, Background } from "../deployment/admission.ts";
import { weightOfPriority } from "../deployment/fair-queue.ts";
import { limitedAbort, longestTimerMs } from "../lib/waiting.ts";
import type { Observer, RequestReport } from "../observer.ts";
import type { RerankOptions, Tenant } from "../options.ts";
import type { Priority } from "../request/api.ts";
import { abortError } from "../upstream/upstream-error.ts";
import type { CallLog } from "./call-log.ts";

/** One request that runs: its id, whom it is for, its deadline, and where its report and events go. */
export interface RequestContext extends AdmissionFlow {
  readonly callId: string;
  /** Aborts when the caller goes away or the deadline passes; its reason is a `DheeraError`. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly report: RequestReport;
  readonly observer: Observer | undefined;
  readonly beforeChunks?: RerankOptions["beforeChunks"];
  /** Present when the request asked for an explanation. */
  readonly callLog?: CallLog | undefined;
  /** Of the whole request, where this is a part of one; its own when absent. */
  readonly stopwatch?: Stopwatch | undefined;
}

export interface ContextInput {
  readonly callId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly tenant?: Tenant | undefined;
  readonly beforeChunks?: RerankOptions["beforeChunks"];
  readonly priority?: Priority | undefined;
  readonly background?: Background | undefined;
  /** Seconds. */
  readonly timeout: number;
  readonly report?: RequestReport | undefined;
  readonly observer: Observer | undefined;
  readonly callLog?: CallLog | undefined;
}

/** Opens a context; closing it stops its timer and no longer follows the caller's signal. */
export function openContext(input: ContextInput): RequestContext & { close(): void } {
  const milliseconds = Math.min(input.timeout * 1000, longestTimerMs);
  const { signal, close } = limitedAbort(input.signal, milliseconds, abortError);
  return {
    callId: input.callId ?? crypto.randomUUID(),
    signal,
    tenant: input.tenant?.id ?? "",
    tenantWeight: weightOfPriority(input.tenant?.priority),
    weight: weightOfPriority(input.priority),
    background: input.background,
    deadline: performance.now() + milliseconds,
    report: input.report ?? newReport(),
    observer: input.observer,
    callLog: input.callLog,
    beforeChunks: input.beforeChunks,
    close,
  };
}

/** An empty report, to be given to `rerank`. */
export function newReport(): RequestReport {
  return {
    documents: 0,
    batches: 0,
    scored: 0,
    retries: 0,
    fallbacks: 0,
    cacheHits: 0,
    cacheMisses: 0,
    tokens: 0,
    cost: 0,
    unpricedCalls: 0,
    freeCalls: 0,
    savedCost: undefined,
    upstreamMilliseconds: 0,
    queueMilliseconds: 0,
  };
}

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
