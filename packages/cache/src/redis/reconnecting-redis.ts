import { setTimeout as pause } from "node:timers/promises";

import type { RedisConnection } from "./redis-connection.ts";

/** `connecting` only until the first attempt has ended. */
export type RedisState = "connecting" | "up" | "down";

/** Keeps one connection alive in the background: when it is lost, another is tried every second. Nobody ever waits for that. */
export class RedisLink {
  /** Resolves when the first attempt to connect has ended, well or badly. */
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
    void this.#keep();
  }

  get state(): RedisState {
    return this.#state;
  }

  /** The connection while there is one. */
  get connection(): RedisConnection | undefined {
    return this.#connection;
  }

  close(): void {
    const reason = new Error("the score cache was closed");
    this.#closing.abort(reason);
    this.#connection?.end(reason);
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const reason = await this.#live(signal);
      if (!signal.aborted) this.#onLost(reason);
      await pause(retryPause, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** One connection's life; resolves with the reason of its end. */
  async #live(signal: AbortSignal): Promise<unknown> {
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

/** Milliseconds. */
const retryPause = 1000;
