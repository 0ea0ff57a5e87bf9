import { DheeraError, isDheeraError } from "@dheera-ai/core";
import type { Redis } from "ioredis";

import type { RedisPackages } from "./optional-packages.ts";
import { outOfService } from "../../out-of-service.ts";
import type { RedisAddress } from "./redis-address.ts";

/** Milliseconds for an answer, and for a connection. */
const patience = 5_000;
/** How often a command is sent again on a new connection; what scripts do twice has the effect of once. */
const mostTries = 10;

/** One connection, and the scripts that are run over it. */
export class RedisConnection {
  readonly client: Redis;
  readonly prefix: string;

  /** Connects by itself, now and whenever it is lost. @throws DheeraError `invalid_request` for a URL that cannot be read */
  constructor({ Redis: Opened }: RedisPackages, { url, keyPrefix, tls, ...address }: RedisAddress) {
    this.prefix = keyPrefix ?? "{dheera_ai:batch}";
    const options = {
      ...Object.fromEntries(Object.entries(address).filter(([, value]) => value !== undefined)),
      ...(tls === true && { tls: {} }),
      connectTimeout: patience,
      commandTimeout: patience,
      maxRetriesPerRequest: mostTries,
    };
    this.client = url === undefined ? new Opened(options) : new Opened(checkedUrl(url), options);
    // Whoever asks for something is told; without a listener the library would write to the terminal.
    this.client.on("error", () => {});
  }

  key(...parts: readonly (string | number)[]): string {
    return [this.prefix, ...parts].join(":");
  }

  /** @throws DheeraError `unavailable` where Redis is away, full or read-only */
  run(script: string, keys: readonly string[], values: readonly (string | number)[] = []): Promise<unknown> {
    return this.ask(() => this.client.eval(script, keys.length, ...keys, ...values));
  }

  /** @throws DheeraError `unavailable` where Redis is away, full or read-only */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw redisError(error);
    }
  }

  async close(): Promise<void> {
    if (this.client.status === "ready") await this.client.quit().catch(() => {});
    this.client.disconnect();
  }
}

/** Errors of its own scripts would name a line of theirs; all others are about the server. */
export function redisError(error: unknown): unknown {
  if (!(error instanceof Error) || isDheeraError(error)) return error;
  const isFull = error.message.startsWith("OOM");
  const reason = isFull
    ? "has no memory left; what waits goes on when there is room"
    : `cannot be used: ${error.message}`;
  return outOfService({ what: "queue", isFull, reason: `the Redis of the queue ${reason}`, cause: error });
}

/** The message does not repeat it, because it may hold a password. */
function checkedUrl(url: string): string {
  const known = url.replace(/^valkey(s?):/, "redis$1:");
  if (/^rediss?:/.test(known) && URL.canParse(known) && canDecode(known)) return known;
  throw new DheeraError(
    "invalid_request",
    "the url of Redis cannot be read; write redis://host:port/db, or rediss:// for TLS, with special characters of the password percent-encoded",
  );
}

function canDecode(text: string): boolean {
  try {
    return decodeURIComponent(text) !== "";
  } catch {
    return false;
  }
}
