import { Buffer } from "node:buffer";

import { type RedisConnection, openRedis } from "./redis-connection.ts";
import { decodeEntry, encodeEntry } from "./redis-entry.ts";
import { RedisLink, type RedisState } from "./reconnecting-redis.ts";
import type { RedisSettings } from "./redis-settings.ts";
import type { Entry } from "../memory/score-table.ts";
import { unlessAborted } from "./abortable-after-io.ts";

export interface RedisStoreOptions {
  readonly settings: RedisSettings;
  /** What every key begins with. */
  readonly namespace: string;
  /** Milliseconds one read may take. */
  readonly timeout: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onFailure: (reason: unknown) => void;
}

/** Entries in Redis by digest. Reads wait a little, writes not at all, and while Redis is away both are skipped. */
export class RedisStore {
  readonly #namespace: string;
  readonly #timeout: number;
  readonly #now: () => number;
  readonly #onFailure: (reason: unknown) => void;
  readonly #link: RedisLink;
  #skipped = 0;
  #failures = 0;
  #writing = 0;

  constructor({ settings, namespace, timeout, now, onFailure }: RedisStoreOptions) {
    this.#namespace = namespace;
    this.#timeout = timeout;
    this.#now = now;
    this.#onFailure = onFailure;
    this.#link = new RedisLink((signal) => openRedis(settings, signal), onFailure);
  }

  get state(): RedisState {
    return this.#link.state;
  }

  /** Reads and writes that Redis had no part in. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Resolves when the first attempt to connect has ended, well or badly. */
  get firstAttempt(): Promise<void> {
    return this.#link.firstAttempt;
  }

  /** What is known of these digests and at most `maxAge` seconds old. Nothing where Redis is away or does not answer in time. */
  async read(
    digests: readonly string[],
    maxAge: number = Number.POSITIVE_INFINITY,
  ): Promise<ReadonlyMap<string, Entry>> {
    const signal = AbortSignal.timeout(this.#timeout);
    if (this.#link.state === "connecting") await unlessAborted(this.#link.firstAttempt, signal).catch(() => {});
    const connection = this.#link.connection;
    if (!connection || signal.aborted) return this.skip();
    try {
      const values = await unlessAborted(connection.get(digests.map((digest) => this.#key(digest))), signal);
      this.#failures = 0;
      return readEntries(digests, values, this.#now(), maxAge);
    } catch (reason) {
      this.#countFailure(connection, reason);
      return this.skip();
    }
  }

  /** Sends entries on their way; nobody waits for them to arrive. */
  write(entries: ReadonlyMap<string, Entry>): void {
    if (entries.size === 0) return;
    const connection = this.#link.connection;
    if (!connection || this.#writing >= mostWriting) this.skip();
    else void this.#send(connection, entries);
  }

  /** Counts that Redis was left out. */
  skip(): ReadonlyMap<string, Entry> {
    this.#skipped++;
    return nothing;
  }

  close(): void {
    this.#link.close();
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

  /** Several failures in a row mean that waiting is in vain: a connection nobody waits for is made instead. */
  #countFailure(connection: RedisConnection, reason: unknown): void {
    if (connection !== this.#link.connection || ++this.#failures < mostFailures) return;
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

const nothing: ReadonlyMap<string, Entry> = new Map();

const mostFailures = 3;

/** Scores on their way to Redis; beyond that it is too slow for us, and memory would be spent on waiting. */
const mostWriting = 20_000;

/** Bytes of a digest in a key: far too many for anybody to find two pairs that share them. */
const keyBytes = 24;
