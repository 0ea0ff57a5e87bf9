import type { Deployment } from "../deployment/deployment.ts";
import type { DheeraError } from "../errors.ts";
import { sleep } from "../lib/waiting.ts";
import type { Pool } from "../routing/pool.ts";
import type { RetrySettings } from "./score-task.ts";

/**
 * Refusals for overload beyond `num_retries`, where no other pool could serve: they cost the server nothing, and
 * admission has lowered its allowance.
 */
export const extraOverloadRetries = 8;
/** Milliseconds of pauses for overload within which more than that are tried: places come free at any moment. */
const overloadPatienceMs = 25_000;
/** What one pause for overload is at most, and at first: about as long as a call takes. */
const longestOverloadPauseMs = 1_000;
const shortestOverloadPauseMs = 5;

const none: ReadonlySet<Deployment> = new Set();

/** The retries of one batch: each other deployment of the pool first, then rounds with growing pauses between them. */
export class RetrySchedule {
  readonly #pool: Pool;
  readonly #settings: RetrySettings;
  readonly #deadline: number;
  #tried = none;
  /** Deployments that refused for good: no later round tries them. */
  #refused = none;
  #attempts = 0;
  #failures = 0;
  #overloads = 0;
  #overloadPausedMs = 0;

  /** @param deadline Milliseconds since the epoch. */
  constructor(pool: Pool, settings: RetrySettings, deadline: number) {
    this.#pool = pool;
    this.#settings = settings;
    this.#deadline = deadline;
  }

  /** Deployments that failed in this round. */
  get tried(): ReadonlySet<Deployment> {
    return this.#tried;
  }

  /** Calls that failed so far. */
  get attempts(): number {
    return this.#attempts;
  }

  /**
   * Returns when the batch may be tried again: at once while another deployment is left in this round, else after a
   * pause.
   * @throws the failure when trying again is of no use, was done often enough, or would come too late; the signal's
   * reason when it aborts.
   */
  async afterFailure(failure: DheeraError, deployment: Deployment, signal: AbortSignal): Promise<void> {
    if (!failure.retryable) throw failure;
    this.#attempts++;
    if (failure.permanent) this.#refused = new Set(this.#refused).add(deployment);
    const tried = new Set(this.#tried).add(deployment);
    this.#tried = tried;
    const hasUntried = this.#pool.members(tried).some((member) => !tried.has(member));
    if (failure.code === "provider_starting") {
      // The next slot waits for the start, unless another pool can serve meanwhile.
      if (!hasUntried && this.#pool.hasAlternative()) throw failure;
      return;
    }
    if (hasUntried && this.#failures + this.#overloads === 0) return;
    if (this.#pool.members(this.#refused).every((member) => this.#refused.has(member))) throw failure;
    const pause = this.#pauseBeforeNextRound(failure, deployment);
    if (this.#pool.members(tried).length === 0) throw failure;
    await sleep(pause, signal);
    this.#tried = this.#refused;
  }

  /** Milliseconds. @throws the failure when no round is left, or the next would come too late */
  #pauseBeforeNextRound(failure: DheeraError, deployment: Deployment): number {
    const most = deployment.params.max_retries ?? this.#settings.numRetries;
    const least = Math.max(this.#settings.retryAfter, failure.retryAfter ?? 0);
    const isOverload = failure.code === "provider_overloaded" && most > 0 && !this.#pool.hasAlternative();
    const pause = isOverload
      ? this.#pauseForOverload(failure, deployment, most, least)
      : this.#pause(failure, most, least);
    if (performance.now() + pause > this.#deadline) throw failure;
    return pause;
  }

  #pause(failure: DheeraError, most: number, least: number): number {
    if (++this.#failures > most) throw failure;
    return backoff(this.#failures, least);
  }

  /** The server has no place free, which is a matter of the length of its calls. */
  #pauseForOverload(failure: DheeraError, { latency }: Deployment, most: number, least: number): number {
    const tries = ++this.#overloads;
    if (tries > most + extraOverloadRetries && this.#overloadPausedMs > overloadPatienceMs) throw failure;
    const first = latency.count === 0 ? firstBackoffMs : Math.max(shortestOverloadPauseMs, latency.average);
    const ceiling = Math.min(longestOverloadPauseMs, Math.min(firstBackoffMs, first) * 2 ** (tries - 1));
    const pause = Math.max(least * 1000, ceiling * (0.5 + Math.random()));
    this.#overloadPausedMs += pause;
    return pause;
  }
}

const firstBackoffMs = 100;
const longestBackoffMs = 8_000;

/**
 * Milliseconds before retry `n` (from 1): doubling from 100 ms to 8 s, half of it random so that clients do not come
 * back together, and never before `least` seconds.
 */
export function backoff(n: number, least: number, random: () => number = Math.random): number {
  const ceiling = Math.min(longestBackoffMs, firstBackoffMs * 2 ** (n - 1));
  return Math.max(least * 1000, ceiling * (0.5 + random() / 2));
}
