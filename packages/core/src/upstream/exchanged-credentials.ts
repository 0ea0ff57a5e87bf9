import { DheeraError, isDheeraError } from "../errors.ts";
import { abortable } from "../lib/waiting.ts";
import { type HttpError, isHttpError } from "./http-error.ts";
import { isNetworkError, networkCodeOf } from "./network-error.ts";
import { readRetryAfter, upstreamError } from "./upstream-error.ts";

/** How a key is exchanged for what an API takes. */
export interface CredentialsOptions<T> {
  /** The provider's name; for messages. */
  readonly provider: string;
  /**
   * Exchanges the key for what the API takes: one request, whose errors are let through. The signal aborts after 30
   * seconds, and on `close`.
   */
  exchange(signal: AbortSignal): Promise<Exchanged<T>>;
  /**
   * Seconds before the end from which a new one is asked for in the background. Default 300, and never more than a
   * fifth of its life.
   */
  readonly refreshBefore?: number;
}

/** What an exchange gave: a token, a pair of session keys. Without an end it holds until `invalidate`. */
export interface Exchanged<T> {
  readonly value: T;
  /** Seconds from now. */
  readonly expiresIn?: number;
  readonly expiresAt?: Date;
}

/** Short-lived credentials of one deployment. No timer runs between calls. */
export interface ExchangedCredentials<T> {
  /**
   * What holds now. One exchange serves all who wait for it, also when some give up; a failed one is not remembered.
   * @throws DheeraError `provider_auth` when the exchange is refused, so that core does not look for the fault in the
   * documents; the signal's reason
   */
  get(signal: AbortSignal): Promise<T>;
  /**
   * Calls with what holds now; where the API answers 401, because it was withdrawn before its time, once more with a new
   * one. A second 401 is the caller's, as every other error is.
   */
  use<R>(signal: AbortSignal, call: (value: T) => Promise<R>): Promise<R>;
  /** The API refused this one: the next `get` exchanges again. */
  invalidate(value: T): void;
  /** Ends an exchange that is under way. */
  close(): void;
}

/** Exchanges a key for credentials that expire, and keeps them fresh. */
export function exchangedCredentials<T>(options: CredentialsOptions<T>): ExchangedCredentials<T> {
  return new Credentials(options);
}

/** Credentials with their times, in milliseconds since the epoch. */
interface Held<T> {
  readonly value: T;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

const exchangeTimeoutMs = 30_000;
const defaultRefreshBefore = 300;
/**
 * Share of its life during which a token is asked for anew at the most, so that short-lived ones are not asked for at
 * every call.
 */
const mostOfLife = 0.2;
/** Milliseconds between tries in the background, while what is held still works. */
const backgroundPauseMs = 5_000;

class Credentials<T> implements ExchangedCredentials<T> {
  readonly #options: CredentialsOptions<T>;
  readonly #closing = new AbortController();
  #held: Held<T> | undefined;
  #exchanging: Promise<T> | undefined;
  #noTryBefore = 0;

  constructor(options: CredentialsOptions<T>) {
    this.#options = options;
  }

  async get(signal: AbortSignal): Promise<T> {
    if (signal.aborted) throw signal.reason;
    const now = Date.now();
    const held = this.#held;
    if (held && now < held.expiresAt) {
      if (now >= held.refreshAt && now >= this.#noTryBefore) this.#refresh(now);
      return held.value;
    }
    this.#held = undefined;
    return abortable(this.#exchange(), signal);
  }

  async use<R>(signal: AbortSignal, call: (value: T) => Promise<R>): Promise<R> {
    const value = await this.get(signal);
    try {
      return await call(value);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      this.invalidate(value);
      return call(await this.get(signal));
    }
  }

  invalidate(value: T): void {
    if (this.#held?.value === value) this.#held = undefined;
  }

  close(): void {
    this.#closing.abort(new DheeraError("cancelled", `${this.#options.provider} is closed`));
  }

  #refresh(now: number): void {
    this.#noTryBefore = now + backgroundPauseMs;
    this.#exchange().catch(() => {});
  }

  #exchange(): Promise<T> {
    this.#exchanging ??= this.#ask().finally(() => {
      this.#exchanging = undefined;
    });
    return this.#exchanging;
  }

  async #ask(): Promise<T> {
    const { provider } = this.#options;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(exchangeTimeoutMs)]);
    // Before the request: the server counts from when it made the answer, which is later.
    const askedAt = Date.now();
    try {
      const exchanged = await abortable(this.#options.exchange(signal), signal);
      const expiresAt = endOf(exchanged, askedAt);
      if (exchanged.value === undefined || Number.isNaN(expiresAt))
        throw new DheeraError(
          "provider_bad_response",
          `${provider} answered the exchange of our key with nothing usable`,
        );
      const refreshBefore = (this.#options.refreshBefore ?? defaultRefreshBefore) * 1000;
      const refreshAt = expiresAt - Math.min(refreshBefore, mostOfLife * (expiresAt - askedAt));
      this.#held = { value: exchanged.value, expiresAt, refreshAt };
      return exchanged.value;
    } catch (error) {
      throw exchangeError(error, provider);
    }
  }
}

/** Also where a scorer that was asked has already turned the answer into an error of ours. */
function isUnauthorized(error: unknown): boolean {
  return (isHttpError(error) && error.status === 401) || (isDheeraError(error) && error.upstream?.status === 401);
}

function endOf({ expiresIn, expiresAt }: Exchanged<unknown>, askedAt: number): number {
  if (expiresAt !== undefined) return expiresAt.getTime();
  return expiresIn === undefined ? Infinity : askedAt + expiresIn * 1000;
}

/** A refused exchange is never a fault of the documents, whatever its status. */
function exchangeError(error: unknown, provider: string): DheeraError {
  if (isDheeraError(error) && error.code !== "provider_rejected") return error;
  if (isDheeraError(error) || (isHttpError(error) && error.status !== undefined)) return refusal(error, provider);
  const details = { cause: error, provider };
  if (error instanceof Error && error.name === "TimeoutError")
    return new DheeraError(
      "provider_unreachable",
      `${provider} did not answer the exchange of our key in time`,
      details,
    );
  if (isHttpError(error) || isNetworkError(error)) {
    const reason = networkCodeOf(error) ?? "no connection";
    const message = `${provider} could not be reached to exchange our key (${reason}); check the address of the exchange`;
    return new DheeraError("provider_unreachable", message, details);
  }
  return upstreamError(error, provider);
}

function refusal(error: HttpError | DheeraError, provider: string): DheeraError {
  const { status = 0 } = error;
  const retryAfter = isHttpError(error) ? readRetryAfter(error.headers.get("retry-after")) : error.retryAfter;
  const details = { cause: error, provider, retryAfter };
  if (status === 429)
    return new DheeraError(
      "provider_rate_limited",
      `${provider} limits the rate at which our key is exchanged (HTTP 429)`,
      details,
    );
  if (status === 408 || status >= 500)
    return new DheeraError("provider_failed", `${provider} failed to exchange our key (HTTP ${status})`, details);
  const told = isHttpError(error) ? ` (HTTP ${status})` : "";
  return new DheeraError(
    "provider_auth",
    `${provider} refused to exchange our key${told}; check api_key of this deployment, and the address of the exchange`,
    details,
  );
}
