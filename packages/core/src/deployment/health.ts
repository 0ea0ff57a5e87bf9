import type { ErrorCode } from "../errors.ts";

export interface HealthSettings {
  /** Failures within a minute that begin no cooldown. */
  readonly allowedFails: number;
  /** Seconds. */
  readonly cooldownTime: number;
  readonly disabled: boolean;
}

/** What a failure means for the deployment: nothing, one of `allowedFails`, or a cooldown at once. */
type Severity = "none" | "counts" | "cools";

/** Admission handles overload, warm-up handles a start, and a rejected document says nothing about its deployment. */
const severities: Readonly<Partial<Record<ErrorCode, Severity>>> = {
  provider_auth: "cools",
  // A Dheera AI proxy behind this deployment says so of our key.
  unauthenticated: "cools",
  forbidden: "cools",
  rate_limited: "cools",
  budget_exceeded: "cools",
  model_not_found: "counts",
  unavailable: "counts",
  internal: "counts",
  provider_rate_limited: "cools",
  provider_unreachable: "counts",
  provider_failed: "counts",
  provider_bad_response: "counts",
  timeout: "counts",
};

const failureWindowMs = 60_000;
/** Seconds of a Retry-After that are respected at most: a server may recover long before. */
const longestRetryAfter = 300;

/**
 * Decides whether a deployment gets calls after failures. After a cooldown one call probes it before others follow
 * (half open).
 */
export class Health {
  readonly #settings: HealthSettings;
  #fails: number[] = [];
  #coolUntil = 0;
  #isProbing = false;
  #lastError: ErrorCode | undefined;

  constructor(settings: HealthSettings) {
    this.#settings = settings;
  }

  get lastError(): ErrorCode | undefined {
    return this.#lastError;
  }

  /** Whether a call may go there now. After a cooldown only until a probe has begun. */
  isOpen(now?: number): boolean {
    return this.#coolUntil === 0 || ((now ?? performance.now()) >= this.#coolUntil && !this.#isProbing);
  }

  /** Milliseconds until the cooldown ends. */
  coolingFor(now: number = performance.now()): number {
    return Math.max(0, this.#coolUntil - now);
  }

  /** A call begins: the first one after a cooldown is the probe. */
  began(now: number = performance.now()): void {
    if (this.#coolUntil !== 0 && now >= this.#coolUntil) this.#isProbing = true;
  }

  /** A call ended without saying anything about the deployment: cancelled, or refused for its document. */
  ended(): void {
    this.#isProbing = false;
  }

  /** @returns whether this success ended a cooldown. */
  succeeded(): boolean {
    const recovered = this.#coolUntil !== 0;
    if (this.#fails.length > 0) this.#fails = [];
    this.#coolUntil = 0;
    this.#isProbing = false;
    this.#lastError = undefined;
    return recovered;
  }

  /** @returns seconds of the cooldown that this failure began, 0 when it began none. */
  failed(code: ErrorCode, retryAfter: number = 0, now: number = performance.now()): number {
    const severity = severities[code] ?? "none";
    this.#isProbing = false;
    this.#lastError = code;
    if (severity === "none" || this.#settings.disabled) return 0;

    const failedProbe = this.#coolUntil !== 0 && now >= this.#coolUntil;
    const isCooling = this.#coolUntil > now;
    this.#fails = [...this.#fails.filter((time) => time > now - failureWindowMs), now];
    const cools = failedProbe || severity === "cools" || this.#fails.length > this.#settings.allowedFails;
    if (isCooling || !cools) return 0;
    const seconds = Math.max(this.#settings.cooldownTime, Math.min(retryAfter, longestRetryAfter));
    this.#coolUntil = now + seconds * 1000;
    return seconds;
  }
}

/** Durations kept. */
const sampleCount = 128;

/** Quantiles of the last 128 call durations, in milliseconds. */
export class Latency {
  readonly #durations = new Float64Array(sampleCount);
  #count = 0;
  #average = 0;
  #documents = 0;

  get count(): number {
    return this.#count;
  }

  /** Exponential moving average; 0 before the first call. */
  get average(): number {
    return this.#average;
  }

  /** Documents of a call, exponential moving average; 0 before the first call. */
  get documents(): number {
    return this.#documents;
  }

  add(milliseconds: number, documents: number): void {
    this.#documents = this.#count === 0 ? documents : this.#documents * 0.9 + documents * 0.1;
    this.#durations[this.#count % sampleCount] = milliseconds;
    this.#average = this.#count === 0 ? milliseconds : this.#average * 0.9 + milliseconds * 0.1;
    this.#count++;
  }

  /** @param share 0 to 1: 0.95 is the duration that 95 of 100 calls stay below. */
  quantile(share: number): number {
    const sorted = this.#durations.slice(0, Math.min(this.#count, sampleCount)).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }
}
