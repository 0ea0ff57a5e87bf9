import { type RedisConnection, type RedisScript, openRedis } from "./redis-connection.ts";
import { ReconnectingRedis, type RedisState } from "./reconnecting-redis.ts";
import type { RedisSettings } from "./redis-settings.ts";
import { answerWithin } from "./answer-within.ts";

export interface RedisLinkOptions {
  readonly settings: RedisSettings;
  /** Milliseconds that Redis may take for an answer, without the time that this process itself is busy. */
  readonly timeoutMs: number;
  /** Called each time that Redis was lost, or could not be reached again. */
  readonly onLost: (reason: unknown) => void;
}

/**
 * Runs scripts in Redis, behind the circuit breaker of the cache: after three failures in a row the connection is ended,
 * and until one attempt in the background has been answered in time, nobody waits for Redis.
 */
export class RedisLink {
  readonly #timeoutMs: number;
  readonly #redis: ReconnectingRedis;
  #failures = 0;

  constructor({ settings, timeoutMs, onLost }: RedisLinkOptions) {
    this.#timeoutMs = timeoutMs;
    this.#redis = new ReconnectingRedis((signal) => openRedis(settings, signal, timeoutMs), onLost);
  }

  get state(): RedisState {
    return this.#redis.state;
  }

  /**
   * Runs a script. Undefined where Redis is away and nobody should wait for it.
   * @param onLate receives an answer that came after the promise was rejected
   * @throws the error of Redis, or a `TimeoutError`
   */
  async run(
    script: RedisScript,
    keys: readonly string[],
    values: readonly (string | number)[],
    onLate: (reply: unknown) => void,
  ): Promise<unknown> {
    // Before the first attempt has ended nothing is known of this Redis.
    if (this.#redis.state === "connecting")
      await answerWithin(this.#redis.firstAttempt, this.#timeoutMs).catch(() => {});
    const { connection } = this.#redis;
    if (!connection) return undefined;
    const answer = connection.run(script, keys, values);
    try {
      const reply = await answerWithin(answer, this.#timeoutMs);
      this.#failures = 0;
      return reply;
    } catch (reason) {
      answer.then(onLate, () => {});
      this.#countFailure(connection, reason);
      throw reason;
    }
  }

  /** @throws Error when Redis is away */
  async check(): Promise<void> {
    const { connection } = this.#redis;
    if (!connection) throw new Error("Redis cannot be reached");
    await answerWithin(connection.ping(), this.#timeoutMs);
  }

  close(): void {
    this.#redis.close();
  }

  #countFailure(connection: RedisConnection, reason: unknown): void {
    if (connection !== this.#redis.connection || ++this.#failures < maxFailures) return;
    this.#failures = 0;
    connection.end(reason);
  }
}

const maxFailures = 3;
