import { Buffer } from "node:buffer";

import type { RedisSettings } from "./redis-settings.ts";
import { abortableAfterIo } from "./abortable-after-io.ts";
import { answerWithin } from "./answer-within.ts";

/** One connection to Redis, with the commands that the cache and limits use. */
export interface RedisConnection {
  /** The values of the keys, null where there is none. */
  get(keys: readonly string[]): Promise<readonly (Buffer | null)[]>;
  set(values: readonly RedisValue[]): Promise<void>;
  /** In a Redis Cluster at the node that has the keys, all of which must lie in one slot. */
  run(script: RedisScript, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown>;
  ping(): Promise<void>;
  /** Resolves with the reason when this connection has ended. */
  readonly ended: Promise<unknown>;
  /** Ends it at once: commands without an answer are rejected. */
  end(reason: unknown): void;
}

/** A program in Lua, which Redis runs as one step. */
export interface RedisScript {
  readonly text: string;
  /** The hexadecimal SHA-1 of the text, by which Redis remembers it. */
  readonly sha1: string;
}

interface RedisValue {
  readonly key: string;
  readonly value: Buffer;
  /** Milliseconds, at least 1. */
  readonly ttl: number;
}

/**
 * Connects, authenticates and selects the database. The client is loaded here, so that a process with scores in memory
 * only never loads it.
 * @param answerMs what it may take for its first answer, without the time that this process itself is busy
 */
export async function openRedis(
  settings: RedisSettings,
  signal: AbortSignal,
  answerMs: number = connectTimeoutMs,
): Promise<RedisConnection> {
  const { createClient, RESP_TYPES } = await import("@redis/client");
  signal.throwIfAborted();
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  const opened = new Set<{ destroy(): void }>();
  let isEnded = false;
  const end = (reason: unknown): void => {
    isEnded = true;
    resolve(reason);
    for (const one of opened) one.destroy();
    opened.clear();
  };
  const open = async ({ host, port }: Place, stopped: AbortSignal) => {
    const client = createClient({
      // The oldest protocol, and no commands at the start but the password: every server and every proxy before it
      // understands that.
      RESP: 2,
      disableClientInfo: true,
      maintNotifications: "disabled",
      disableOfflineQueue: true,
      database: settings.db,
      ...(settings.username !== undefined && { username: settings.username }),
      ...(settings.password !== undefined && { password: settings.password }),
      socket: { host, port, reconnectStrategy: false, ...(settings.tls && { tls: true }) },
      commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    });
    opened.add(client);
    client.on("error", end);
    try {
      // The client's own time limit covers the socket only: a server that hangs accepts the connection and does not
      // answer.
      await abortableAfterIo(client.connect(), AbortSignal.any([stopped, AbortSignal.timeout(connectTimeoutMs)]));
      // Without a password nothing was asked yet, and a Redis that hangs still takes connections.
      await answerWithin(client.ping(), answerMs);
      if (isEnded) throw new Error("the connection has ended");
    } catch (error) {
      client.destroy();
      end(error);
      throw error;
    }
    return client;
  };
  const client = await open(settings, signal);
  /** The node of a cluster that has the keys of the scripts. */
  let node: { readonly client: typeof client; readonly place: Place } = { client, place: settings };
  let following: Promise<void> | undefined;
  const goTo = async (place: Place): Promise<void> => {
    // Of several scripts that were sent on at one time the first has led the way.
    if (place.host === node.place.host && place.port === node.place.port) return;
    const left = node.client;
    const isFirst = place.host === settings.host && place.port === settings.port;
    node = { client: isFirst ? client : await open(place, signal), place };
    if (left !== client) leave(left);
  };
  /** Nothing more is asked of it: it is closed once it has answered what it was asked, or its time for that is over. */
  const leave = (left: typeof client): void => {
    left.off("error", end).on("error", ignore);
    const close = (): void => {
      if (opened.delete(left)) left.destroy();
    };
    answerWithin(left.close(), answerMs).then(() => opened.delete(left), close);
  };
  const follow = (place: Place): Promise<void> => (following ??= goTo(place).finally(() => (following = undefined)));
  return {
    get: async (keys) => (await Promise.all(chunks(keys).map((some) => client.mGet(some)))).flat(),
    async set(values) {
      for (const some of chunks(values)) {
        const pipeline = client.multi();
        for (const { key, value, ttl } of some) pipeline.set(key, value, { expiration: { type: "PX", value: ttl } });
        await pipeline.execAsPipeline();
      }
    },
    async run({ text, sha1 }, keys, values) {
      const options = { keys: [...keys], arguments: values.map(String) };
      const evaluate = async (): Promise<unknown> => {
        try {
          return await node.client.evalSha(sha1, options);
        } catch (error) {
          if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
          return await node.client.eval(text, options);
        }
      };
      try {
        return await evaluate();
      } catch (error) {
        const place = movedTo(error, settings.host);
        if (!place) throw error;
        await follow(place);
        return await evaluate();
      }
    },
    async ping() {
      await client.ping();
    },
    ended,
    end,
  };
}

function ignore(): void {}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Where a node of a cluster says that a key is; one that does not know its own name leaves it out. */
function movedTo(error: unknown, host: string): Place | undefined {
  const [, moved, port] = (error instanceof Error && /^MOVED \d+ (.*):(\d+)$/.exec(error.message)) || [];
  return moved === undefined ? undefined : { host: moved === "" ? host : moved, port: Number(port) };
}

const connectTimeoutMs = 5000;

/** Keys of one command. Redis runs one command after the other: a longer one would make other clients wait. */
const keysPerCommand = 1000;

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / keysPerCommand) }, (_, at) =>
    items.slice(at * keysPerCommand, (at + 1) * keysPerCommand),
  );
}
