import { sleep } from "@dheera-ai/core/provider-utils";

import type { RedisConnection } from "./redis-connection.ts";

/** `connecting` only until the first attempt has ended. */
export type RedisState = "connecting" | "up" | "down";

/**
 * Keeps one connection open in the background: when it is lost, a new one is tried every second. No request waits for
 * that.
 */
export class ReconnectingRedis {
  /** Resolves when the first attempt to connect has ended, with or without success. */
  readonly firstAttempt: Promise<void>;
  readonly #open: (signal: AbortSignal) => Promise<RedisConnection>;
  readonly #onLost: (reason: unknown) => void;
  readonly #closing = new AbortController();
  readonly #attempted = Promise.withResolvers<void>();
  #state: RedisState = "connecting";
  #connection: RedisConnection | undefined;

  constructor(open: (signal: AbortSignal) => Promise<RedisConnection>, onLost: (reason: unknown) => void) {
    this.#open = open;
    this.#onLost = onLost;
    this.firstAttempt = this.#attempted.promise;
    void this.#reconnectUntilClosed();
  }

  get state(): RedisState {
    return this.#state;
  }

  /** The connection while there is one. */
  get connection(): RedisConnection | undefined {
    return this.#connection;
  }

  close(): void {
    const reason = new Error("the connection to Redis was closed");
    this.#closing.abort(reason);
    this.#connection?.end(reason);
  }

  async #reconnectUntilClosed(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const reason = await this.#connectOnce(signal);
      if (!signal.aborted) this.#onLost(reason);
      await sleep(reconnectAfterMs, signal, "background").catch(() => {});
    }
  }

  /** Opens one connection and waits for its end; resolves with the reason. */
  async #connectOnce(signal: AbortSignal): Promise<unknown> {
    try {
      this.#connection = await this.#open(signal);
      this.#state = "up";
      this.#attempted.resolve();
      return await this.#connection.ended;
    } catch (reason) {
      return reason;
    } finally {
      this.#connection = undefined;
      this.#state = "down";
      this.#attempted.resolve();
    }
  }
}

const reconnectAfterMs = 1000;
