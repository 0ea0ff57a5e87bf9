import type { ScoreCall, Scorer } from "../contract.ts";
import { abortable, sleep } from "../lib/waiting.ts";
import { upstreamError } from "../upstream/upstream-error.ts";

const longestWarmUpMs = 600_000;
/**
 * Seconds between two calls to a server that does not say when it will be ready: from the first, doubling, to the
 * longest.
 */
const firstPause = 0.5;
const longestPause = 15;

/**
 * Starts a server that is loading or scaled to zero: once for all requests that wait for it, and until it serves even
 * when they give up.
 */
export class WarmUp {
  readonly #scorer: Scorer;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  /** Milliseconds since the epoch when the server should serve, as it last said. */
  #expectedAt = 0;

  constructor(scorer: Scorer) {
    this.#scorer = scorer;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Seconds until the server should serve, as it last said; at least 1. */
  secondsLeft(now: number = performance.now()): number {
    return Math.max(1, Math.ceil((this.#expectedAt - now) / 1000));
  }

  /**
   * Begins the warm-up unless it is running.
   * @param estimate Seconds until the server should serve.
   * @returns a promise that resolves when the server serves, or fails in a way that waiting cannot cure, or ten minutes
   * have passed: the next call then says what is wrong. Never rejects.
   */
  start(estimate?: number): Promise<void> {
    if (estimate !== undefined) this.#expectedAt = performance.now() + estimate * 1000;
    this.#running ??= warmUp(this.#scorer, estimate, this.#closing.signal).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Ends a warm-up that is running. */
  close(): void {
    this.#closing.abort(new DOMException("the deployment was closed", "AbortError"));
  }
}

async function warmUp(scorer: Scorer, estimate: number | undefined, closing: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(longestWarmUpMs)]);
  try {
    // The call that follows reports the failure of `wake` more exactly.
    if (scorer.wake) await abortable(scorer.wake(signal), signal).catch(() => {});
    else await sleep(pauseSeconds(estimate, 0) * 1000, signal, "background");
    for (let calls = 1; !(await isSettled(scorer, signal)); calls++)
      await sleep(pauseSeconds(undefined, calls) * 1000, signal, "background");
  } catch {
    // Ten minutes have passed, or the deployment was closed.
  }
}

/** Whether waiting longer is of no use, because the server serves or because it fails for another reason. */
async function isSettled(scorer: Scorer, signal: AbortSignal): Promise<boolean> {
  try {
    await abortable(scorer.score(probeCall(signal)), signal);
    return true;
  } catch (error) {
    return !upstreamError(error, "", signal).retryable;
  }
}

/** The smallest call there is: one short pair. */
export function probeCall(signal: AbortSignal): ScoreCall {
  return { query: "ready?", documents: ["ready"], params: {}, providerOptions: {}, signal };
}

function pauseSeconds(estimate: number | undefined, calls: number): number {
  return Math.min(Math.max(estimate ?? 0, firstPause * 2 ** calls), longestPause);
}
