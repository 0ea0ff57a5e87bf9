import { linkedAbort } from "../lib/linked-abort.ts";
import { type Observer, type RequestReport, newReport } from "../observer.ts";
import { abortError } from "../upstream/upstream-error.ts";

/** One request that runs: its id, its deadline, and where its report and events go. */
export interface RequestContext {
  readonly callId: string;
  /** Aborts when the caller goes away or the deadline passes; its reason is a `DheeraError`. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly report: RequestReport;
  readonly observer: Observer | undefined;
}

export interface ContextInput {
  readonly callId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Seconds. */
  readonly timeout: number;
  readonly report?: RequestReport | undefined;
  readonly observer: Observer | undefined;
}

/** setTimeout cannot wait longer. */
const longestTimerMs = 2 ** 31 - 1;

/** Opens a context; closing it stops its timer and no longer follows the caller's signal. */
export function openContext(input: ContextInput): RequestContext & { close(): void } {
  const milliseconds = Math.min(input.timeout * 1000, longestTimerMs);
  const linked = linkedAbort(input.signal, abortError);
  const timer = setTimeout(() => linked.abort(abortError(new DOMException("deadline", "TimeoutError"))), milliseconds);
  return {
    callId: input.callId ?? crypto.randomUUID(),
    signal: linked.signal,
    deadline: Date.now() + milliseconds,
    report: input.report ?? newReport(),
    observer: input.observer,
    close: () => {
      clearTimeout(timer);
      linked.close();
    },
  };
}
