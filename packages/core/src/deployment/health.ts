import type { ErrorCode } from "../errors.ts";

export interface HealthSettings {
  /** Failures within a minute that are forgiven. */
  readonly allowedFails: number;
  /** Seconds. */
  readonly cooldownTime: number;
  readonly disabled: boolean;
}

/** What a failure means for the deployment as a whole. */
type Gravity = "none" | "counts" | "cools";

/** Overload is the admission's business, a start the warmUp's, and a rejected document nobody's fault but its own. */
const gravities: Readonly<Partial<Record<ErrorCode, Gravity>>> = {
  provider_auth: "cools",
  provider_rate_limited: "cools",
  provider_unreachable: "counts",
  provider_failed: "counts",
  provider_bad_response: "counts",
  timeout: "counts",
};

const windowMilliseconds = 60_000;
/** Seconds of a Retry-After that are believed at most: a server may be better long before. */
const longestWish = 300;

/** Whether a deployment is left alone for a while after failures; afterwards one call probes it before the others follow (half open). */
export class Health {
  readonly #settings: HealthSettings;
  #fails: number[] = [];
  #coolUntil = 0;
  #probing = false;
  #lastError: ErrorCode | undefined;

  constructor(settings: HealthSettings) {
    this.#settings = settings;
  }

  get lastError(): ErrorCode | undefined {
    return this.#lastError;
  }

  /** Whether a call may go there now. After a cooldown only until somebody has begun to probe. */
  isOpen(now: number = Date.now()): boolean {
    return this.#coolUntil === 0 || (now >= this.#coolUntil && !this.#probing);
  }

  /** Milliseconds until the cooldown ends. */
  coolingFor(now: number = Date.now()): number {
    return Math.max(0, this.#coolUntil - now);
  }

  /** A call begins: the first one after a cooldown is the probe. */
  began(now: number = Date.now()): void {
    if (this.#coolUntil !== 0 && now >= this.#coolUntil) this.#probing = true;
  }

  /** A call ended for reasons that say nothing of the deployment: cancelled, or refused for its document. */
  ended(): void {
    this.#probing = false;
  }

  /** @returns whether this success ended a cooldown. */
  succeeded(): boolean {
    const recovered = this.#coolUntil !== 0;
    this.#fails = [];
    this.#coolUntil = 0;
    this.#probing = false;
    this.#lastError = undefined;
    return recovered;
  }

  /** @returns seconds of the cooldown that this failure began, 0 when it began none. */
  failed(code: ErrorCode, retryAfter: number = 0, now: number = Date.now()): number {
    const gravity = gravities[code] ?? "none";
    this.#probing = false;
    this.#lastError = code;
    if (gravity === "none" || this.#settings.disabled) return 0;

    const failedProbe = this.#coolUntil !== 0 && now >= this.#coolUntil;
    const isCooling = this.#coolUntil > now;
    this.#fails = [...this.#fails.filter((time) => time > now - windowMilliseconds), now];
    if (isCooling || !(failedProbe || gravity === "cools" || this.#fails.length > this.#settings.allowedFails))
      return 0;
    const seconds = Math.max(this.#settings.cooldownTime, Math.min(retryAfter, longestWish));
    this.#coolUntil = now + seconds * 1000;
    return seconds;
  }
}
