import { DheeraError, isDheeraError } from "@dheera-ai/core";
import type { Cluster, Redis } from "ioredis";

import type { RedisPackages } from "./optional-packages.ts";
import { outOfService } from "../../out-of-service.ts";
import type { RedisAddress } from "./redis-address.ts";

/** Milliseconds for an answer, and for a connection. */
const patience = 5_000;
/** How often a command is sent again on a new connection; what scripts do twice has the effect of once. */
const mostTries = 10;

/** One connection to a Redis, or to the node of a cluster that has the keys, and the scripts that are run over it. */
export class RedisConnection {
  readonly client: Redis | Cluster;
  readonly prefix: string;

  /**
   * Is connected when it resolves, and connects again by itself whenever that is lost. Any node of a cluster tells of the others.
   * @throws DheeraError `invalid_request` for a URL that cannot be read, `unavailable` where nothing answers
   */
  static async open(packages: RedisPackages, address: RedisAddress): Promise<RedisConnection> {
    const alone = openOne(packages, address);
    const one = new RedisConnection(alone, address);
    try {
      if (!(await one.ask(() => alone.info("cluster"))).includes("cluster_enabled:1")) return one;
      return new RedisConnection(openCluster(packages, alone), checkedPrefix(address));
    } catch (error) {
      await one.close();
      throw error;
    }
  }

  private constructor(client: Redis | Cluster, { keyPrefix }: RedisAddress) {
    this.client = client;
    this.prefix = keyPrefix ?? "{dheera_ai:batch}";
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

function openOne({ Redis: Opened }: RedisPackages, given: RedisAddress): Redis {
  const { url, keyPrefix: _, tls, ...address } = given;
  const options = {
    ...Object.fromEntries(Object.entries(address).filter(([, value]) => value !== undefined)),
    ...(tls === true && { tls: {} }),
    ...patient,
  };
  const client = url === undefined ? new Opened(options) : new Opened(checkedUrl(url), options);
  // Whoever asks for something is told; without a listener the library would write to the terminal.
  client.on("error", () => {});
  return client;
}

function openCluster({ Cluster: Opened }: RedisPackages, node: Redis): Cluster {
  const { host = "127.0.0.1", port = 6379, username, password, tls } = node.options;
  node.disconnect();
  const account = Object.fromEntries(Object.entries({ username, password, tls }).filter(([, value]) => value != null));
  const client = new Opened([{ host, port }], {
    redisOptions: { ...account, ...patient },
    // Certificates are for names, which would be looked up: ioredis' README says so of clusters with TLS.
    ...(tls && { dnsLookup: (name, found) => found(null, name) }),
  });
  client.on("error", () => {});
  return client;
}

const patient = { connectTimeout: patience, commandTimeout: patience, maxRetriesPerRequest: mostTries };

/** Scripts of a cluster need all their keys on one node, which braces in each key do. */
function checkedPrefix(address: RedisAddress): RedisAddress {
  if (address.keyPrefix === undefined || /\{[^}]+\}/.test(address.keyPrefix)) return address;
  throw new DheeraError("invalid_request", "the key prefix needs braces in a cluster of Redis: {name}");
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
