import { Buffer } from "node:buffer";

import type { RedisSettings } from "./redis-settings.ts";
import { unlessAborted } from "./abortable-after-io.ts";

/** One connection to Redis, with the two things we ask of it. */
export interface RedisConnection {
  /** The values of the keys, null where there is none. */
  get(keys: readonly string[]): Promise<readonly (Buffer | null)[]>;
  set(values: readonly RedisValue[]): Promise<void>;
  /** Resolves with the reason when this connection has ended. */
  readonly ended: Promise<unknown>;
  /** Ends it at once: everything still asked is rejected. */
  end(reason: unknown): void;
}

interface RedisValue {
  readonly key: string;
  readonly value: Buffer;
  /** Milliseconds, at least 1. */
  readonly ttl: number;
}

/** Connects, greets and chooses the database. The client is loaded here, so that whoever keeps scores in memory only never loads it. */
export async function openRedis(settings: RedisSettings, signal: AbortSignal): Promise<RedisConnection> {
  const { createClient, RESP_TYPES } = await import("@redis/client");
  signal.throwIfAborted();
  const client = createClient({
    // The oldest protocol and no greeting beyond the password: any server and any proxy before it understands that.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: "disabled",
    disableOfflineQueue: true,
    database: settings.db,
    ...(settings.username !== undefined && { username: settings.username }),
    ...(settings.password !== undefined && { password: settings.password }),
    socket: { host: settings.host, port: settings.port, reconnectStrategy: false, ...(settings.tls && { tls: true }) },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  const end = (reason: unknown): void => {
    resolve(reason);
    client.destroy();
  };
  client.on("error", end);
  try {
    // The client's own time limit covers the socket only: a server that hangs accepts it and says nothing.
    await unlessAborted(client.connect(), AbortSignal.any([signal, AbortSignal.timeout(connectTimeout)]));
  } catch (error) {
    end(error);
    throw error;
  }
  return {
    get: async (keys) => (await Promise.all(chunks(keys).map((some) => client.mGet(some)))).flat(),
    async set(values) {
      for (const some of chunks(values)) {
        const pipeline = client.multi();
        for (const { key, value, ttl } of some) pipeline.set(key, value, { expiration: { type: "PX", value: ttl } });
        await pipeline.execAsPipeline();
      }
    },
    ended,
    end,
  };
}

/** Milliseconds. */
const connectTimeout = 5000;

/** Redis answers one command after the other: a longer one would make everybody else wait. */
const longestCommand = 1000;

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / longestCommand) }, (_, at) =>
    items.slice(at * longestCommand, (at + 1) * longestCommand),
  );
}
