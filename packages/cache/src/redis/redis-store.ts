import { Buffer } from "node:buffer";

import { type RedisConnection, openRedis } from "./redis-connection.ts";
import { decodeEntry, encodeEntry } from "./redis-entry.ts";
import { ReconnectingRedis, type RedisState } from "./reconnecting-redis.ts";
import type { RedisSettings } from "./redis-settings.ts";
import type { Entry } from "../memory/score-table.ts";
import { abortableAfterIo } from "./abortable-after-io.ts";

export interface RedisStoreOptions {
  readonly settings: RedisSettings;
  /** What every key begins with. */
  readonly namespace: string;
  /** One read may take so long. */
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onFailure: (reason: unknown) => void;
}

/**
 * Entries in Redis by digest. A read waits for `timeoutMs` at most, a write does not wait, and while Redis cannot be
 * reached both are skipped.
 */
export class RedisStore {
  readonly #namespace: string;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #onFailure: (reason: unknown) => void;
  readonly #redis: ReconnectingRedis;
  #skipped = 0;
  #failures = 0;
  #writing = 0;

  constructor({ settings, namespace, timeoutMs, now, onFailure }: RedisStoreOptions) {
    this.#namespace = namespace;
    this.#timeoutMs = timeoutMs;
    this.#now = now;
    this.#onFailure = onFailure;
    this.#redis = new ReconnectingRedis((signal) => openRedis(settings, signal), onFailure);
  }

  get state(): RedisState {
    return this.#redis.state;
  }

  /** Reads and writes that were done without Redis. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Resolves when the first attempt to connect has ended, with or without success. */
  get firstAttempt(): Promise<void> {
    return this.#redis.firstAttempt;
  }

  /**
   * The entries of these digests that are at most `maxAge` seconds old; none where Redis cannot be reached or does not
   * answer in time.
   */
  async read(
    digests: readonly string[],
    maxAge: number = Number.POSITIVE_INFINITY,
  ): Promise<ReadonlyMap<string, Entry>> {
    const late = new AbortController();
    const tooLate = (): void => late.abort(new DOMException(`no answer within ${this.#timeoutMs} ms`, "TimeoutError"));
    // Cleared after the read: `AbortSignal.timeout` would keep its timer, and what waits for it, until the time is over.
    const timer = setTimeout(tooLate, this.#timeoutMs);
    try {
      return await this.#readBefore(late.signal, digests, maxAge);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends entries without waiting for their arrival. */
  write(entries: ReadonlyMap<string, Entry>): void {
    if (entries.size === 0) return;
    const connection = this.#redis.connection;
    if (!connection || this.#writing >= maxWriting) this.skip();
    else void this.#send(connection, entries);
  }

  /** Counts an operation that is done without Redis. */
  skip(): ReadonlyMap<string, Entry> {
    this.#skipped++;
    return noEntries;
  }

  close(): void {
    this.#redis.close();
  }

  async #readBefore(
    signal: AbortSignal,
    digests: readonly string[],
    maxAge: number,
  ): Promise<ReadonlyMap<string, Entry>> {
    if (this.#redis.state === "connecting") await abortableAfterIo(this.#redis.firstAttempt, signal).catch(() => {});
    const connection = this.#redis.connection;
    if (!connection || signal.aborted) return this.skip();
    try {
      const values = await abortableAfterIo(connection.get(digests.map((digest) => this.#key(digest))), signal);
      this.#failures = 0;
      return readEntries(digests, values, this.#now(), maxAge);
    } catch (reason) {
      this.#countFailure(connection, reason);
      return this.skip();
    }
  }

  async #send(connection: RedisConnection, entries: ReadonlyMap<string, Entry>): Promise<void> {
    const values = Array.from(entries, ([digest, entry]) => ({
      key: this.#key(digest),
      value: encodeEntry(entry),
      ttl: Math.ceil(entry.expires - entry.created),
    }));
    this.#writing += values.length;
    try {
      await connection.set(values);
    } catch (reason) {
      this.skip();
      this.#onFailure(reason);
    } finally {
      this.#writing -= values.length;
    }
  }

  /**
   * After several failures in a row the connection is ended, and a new one is made in the background: until it is open,
   * requests do not wait for Redis.
   */
  #countFailure(connection: RedisConnection, reason: unknown): void {
    if (connection !== this.#redis.connection || ++this.#failures < maxFailures) return;
    this.#failures = 0;
    connection.end(reason);
  }

  #key(digest: string): string {
    return `${this.#namespace}:${Buffer.from(digest.slice(0, keyBytes), "latin1").toString("base64url")}`;
  }
}

function readEntries(
  digests: readonly string[],
  values: readonly (Buffer | null)[],
  now: number,
  maxAge: number,
): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [at, digest] of digests.entries()) {
    const entry = decodeEntry(values[at] ?? null);
    if (entry && entry.expires > now && entry.created >= now - maxAge * 1000) entries.set(digest, entry);
  }
  return entries;
}

const noEntries: ReadonlyMap<string, Entry> = new Map();

const maxFailures = 3;

/**
 * Scores that are being sent to Redis. With more, Redis is slower than the traffic, and the waiting scores would fill
 * the memory.
 */
const maxWriting = 20_000;

/** Bytes of a digest in a key: so many that two pairs with the same bytes cannot be found. */
const keyBytes = 24;
