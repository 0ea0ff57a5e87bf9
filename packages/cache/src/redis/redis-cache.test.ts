import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";

import { createClient } from "@redis/client";
import type { CacheScope } from "@dheera-ai/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../../../../test/support/programs.ts";
import { type RedisServer, startRedisServer } from "../../../../test/support/redis-server.ts";
import { type RedisCache, type RedisCacheOptions, redisCache } from "./redis-cache.ts";

const scope: CacheScope = { fingerprint: "bge-reranker-base@1", params: "{}", query: "what is a panda?" };

let server: RedisServer;
const opened: RedisCache[] = [];

beforeAll(async () => {
  server = await startRedisServer("--requirepass", password);
});
afterEach(async () => {
  for (const cache of opened.splice(0)) await cache.close();
  server.thaw();
  await server.kill();
  await server.start();
});
afterAll(() => server.stop());

describe("redisCache", needs("redis-server"), () => {
  it("shares scores between replicas, and asks Redis only for scores that are not in memory", async () => {
    const [one, other] = [await replica(), await replica()];
    const documents = ["a", "b", "c"];
    (await one.lookUp(scope, documents)).store([0, 2], [0.25, -7.5]);
    expect(one.lookUp(scope, ["a", "c"])).not.toBeInstanceOf(Promise);

    await eventually(() => scoresOf(other, documents)).toEqual([0.25, Number.NaN, -7.5]);
    expect(other.lookUp(scope, ["a", "c"])).not.toBeInstanceOf(Promise);
    expect(other.stats()).toMatchObject({ entries: 2, redis: "up", skipped: 0 });
  });

  it("shares the scores of requests of any size", async () => {
    const [one, other] = [await replica(), await replica()];
    const documents = Array.from({ length: 5000 }, (_, number) => `document ${number}`);
    (await one.lookUp(scope, documents)).store([...documents.keys()], [...documents.keys()]);
    await eventually(() => inRedis((client) => client.dbSize())).toBe(5000);
    expect(await scoresOf(other, documents)).toEqual([...documents.keys()]);
  });

  it("shares nothing across namespaces of keys, and keeps neither query nor document", async () => {
    const [one, other] = [await replica({ namespace: "blue" }), await replica({ namespace: "green" })];
    (await one.lookUp(scope, ["a document"])).store([0], [1]);
    await eventually(() => inRedis((client) => client.keys("*"))).toEqual([expect.stringMatching(/^blue:[\w-]{32}$/)]);
    expect(await scoresOf(other, ["a document"])).toEqual([Number.NaN]);
  });

  it("lets scores expire on every replica at their time", async () => {
    let now = Date.now();
    const [one, other] = [await replica({ now: () => now, ttl: 3600 }), await replica({ now: () => now })];
    const lookup = await one.lookUp(scope, ["a", "b", "c"]);
    lookup.store([0], [1]);
    lookup.store([1], [2], 600);
    lookup.store([2], [3], Number.MAX_VALUE);
    await eventually(() => scoresOf(other, ["a", "b", "c"])).toEqual([1, 2, 3]);
    const times = await inRedis(async (client) => Promise.all((await client.keys("*")).map((key) => client.pTTL(key))));
    expect(times.toSorted((a, b) => a - b)).toEqual([
      expect.closeTo(600_000, -5),
      expect.closeTo(3_600_000, -5),
      expect.closeTo(10 * 365 * 24 * 3_600_000, -5),
    ]);

    now += 600_000;
    for (const cache of [other, await replica({ now: () => now })])
      expect(await scoresOf(cache, ["a", "b", "c"])).toEqual([1, Number.NaN, 3]);
  });

  it("counts the age of a score from its computation, on every replica", async () => {
    let now = Date.now();
    const [one, other] = [await replica({ now: () => now }), await replica({ now: () => now })];
    (await one.lookUp(scope, ["a"])).store([0], [1]);
    await eventually(() => scoresOf(other, ["a"])).toEqual([1]);
    now += 30_000;
    for (const cache of [other, await replica({ now: () => now })]) {
      expect(await scoresOf(cache, ["a"], 29)).toEqual([Number.NaN]);
      expect(await scoresOf(cache, ["a"], 31)).toEqual([1]);
    }
  });

  it("ignores values that it did not write", async () => {
    const [one, other] = [await replica(), await replica()];
    (await one.lookUp(scope, ["a", "b"])).store([0, 1], [1, 2]);
    await eventually(() => inRedis((client) => client.dbSize())).toBe(2);
    await inRedis(async (client) => {
      const [first = "", second = ""] = await client.keys("*");
      await client.set(first, "0.5");
      await client.del(second);
      await client.lPush(second, "a list");
    });
    expect(await scoresOf(other, ["a", "b"])).toEqual([Number.NaN, Number.NaN]);
    expect(other.stats().redis).toBe("up");
  });

  it("answers from memory at once when Redis cannot be reached, and reports that once", async () => {
    const errors: Error[] = [];
    await server.kill();
    const cache = await replica({ onError: (error) => errors.push(error) });
    expect(cache.stats().redis).toBe("down");
    for (let round = 0; round < 5; round++) {
      const lookup = cache.lookUp(scope, ["a", `${round}`]);
      if (lookup instanceof Promise) throw new Error("it waits for a Redis that cannot be reached");
      lookup.store([0], [1]);
    }
    expect(await scoresOf(cache, ["a", "b"])).toEqual([1, Number.NaN]);
    expect(cache.stats().skipped).toBeGreaterThanOrEqual(10);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(`^the score cache does without Redis at 127.0.0.1:${server.port} .*ECONNREFUSED`),
    ]);
  });

  it("waits for a Redis that hangs no longer than its timeout, soon not at all, and uses it again when it answers", async () => {
    const errors: Error[] = [];
    const [one, other] = [await replica({ timeout_ms: 100, onError: (error) => errors.push(error) }), await replica()];
    (await other.lookUp(scope, ["a"])).store([0], [1]);
    await eventually(() => inRedis((client) => client.dbSize())).toBe(1);

    server.freeze();
    for (let round = 0; round < 3; round++) expect(await scoresOf(one, [`${round}`])).toEqual([Number.NaN]);
    await eventually(() => one.stats().redis).toBe("down");
    expect(one.lookUp(scope, ["b"])).not.toBeInstanceOf(Promise);
    await eventually(() => errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("no answer in time"),
    ]);

    server.thaw();
    await eventually(() => one.stats().redis).toBe("up");
    await eventually(() => scoresOf(one, ["a"])).toEqual([1]);
  });

  it("does not wait for a Redis that accepts the connection and does not answer", async () => {
    server.freeze();
    const cache = await replica({ timeout_ms: 100 });
    expect(cache.stats().redis).toBe("down");
    expect(cache.lookUp(scope, ["a"])).not.toBeInstanceOf(Promise);
    server.thaw();
    await eventually(() => cache.stats().redis).toBe("up");
  });

  it("fails no request when Redis is killed and restarted under load", async () => {
    const [one, other] = [await replica(), await replica()];
    const known = new Map<string, number>();
    const request = async (number: number): Promise<void> => {
      const documents = Array.from({ length: 20 }, (_, at) => `document ${(number * 7 + at) % 500}`);
      const lookup = await (number % 2 ? one : other).lookUp(scope, documents);
      for (const [position, score] of lookup.scores.entries())
        if (!Number.isNaN(score)) expect(score).toBe(known.get(documents[position] ?? ""));
      const scores = documents.map((document) => Number(document.slice("document ".length)) / 500);
      for (const [position, document] of documents.entries()) known.set(document, scores[position] ?? 0);
      lookup.store([...documents.keys()], scores);
    };
    const traffic = async (from: number): Promise<void> => {
      for (let number = from; number < from + 400; number += 10)
        await Promise.all(Array.from({ length: 10 }, (_, at) => request(number + at)));
    };

    await traffic(0);
    await Promise.all([traffic(1000), server.kill()]);
    await Promise.all([traffic(2000), server.start()]);
    await eventually(() => [one, other].map((cache) => cache.stats().redis)).toEqual(["up", "up"]);
    (await one.lookUp(scope, ["after"])).store([0], [1]);
    await eventually(() => scoresOf(other, ["after"])).toEqual([1]);
  });

  it("skips a Redis that is full, and reports why", async () => {
    const errors: Error[] = [];
    await inRedis((client) => client.configSet({ maxmemory: "1", "maxmemory-policy": "noeviction" }));
    const cache = await replica({ onError: (error) => errors.push(error) });
    (await cache.lookUp(scope, ["a"])).store([0], [1]);
    await eventually(() => errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("OOM command not allowed"),
    ]);
    expect(cache.stats()).toMatchObject({ redis: "up", skipped: 1 });
    expect(await scoresOf(cache, ["a"])).toEqual([1]);
  });

  it("reports that the password is wrong without quoting it", async () => {
    const errors: Error[] = [];
    await replica({ password: "another-secret", onError: (error) => errors.push(error) });
    await eventually(() => errors.map(({ message }) => message)).toEqual([expect.stringContaining("WRONGPASS")]);
    expect(inspect(errors, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain("secret");
  });

  it("can be closed in any state, and still answers from memory", async () => {
    const cache = await replica();
    (await cache.lookUp(scope, ["a"])).store([0], [1]);
    await cache.close();
    await cache.close();
    await eventually(() => cache.stats().redis).toBe("down");
    expect(await scoresOf(cache, ["a", "b"])).toEqual([1, Number.NaN]);
    const early = redisCache({ url: server.url, password });
    await early.close();
    await early.ready();
    expect(await scoresOf(early, ["a"])).toEqual([Number.NaN]);
  });

  it("refuses a time limit that is none", () => {
    for (const timeout_ms of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => redisCache({ timeout_ms })).toThrow(/^timeout_ms is /);
  });

  it("loads the Redis client, which a process with scores in memory only does not", async () => {
    expect(await clientIsLoadedBy("memoryCache()")).toBe(false);
    expect(
      await clientIsLoadedBy(
        `const cache = redisCache({ port: ${server.port} }); await cache.ready(); await cache.close()`,
      ),
    ).toBe(true);
  });
});

const password = "a-long-secret";

async function replica(options: RedisCacheOptions = {}): Promise<RedisCache> {
  const cache = redisCache({ url: server.url, password, timeout_ms: 10_000, max_size_mb: 1, ...options });
  opened.push(cache);
  await cache.ready();
  return cache;
}

async function scoresOf(cache: RedisCache, documents: readonly string[], maxAge?: number): Promise<number[]> {
  return [...(await cache.lookUp(scope, documents, maxAge)).scores];
}

/** Waits long, because other processes take part and the machine may be busy. */
function eventually<T>(look: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(look, { timeout: 60_000 });
}

type Client = ReturnType<typeof createClient>;

async function inRedis<T>(ask: (client: Client) => Promise<T>): Promise<T> {
  const client: Client = createClient({ url: server.url, password });
  await client.connect();
  try {
    return await ask(client);
  } finally {
    client.destroy();
  }
}

/** Runs a line in a process of its own and returns whether that loaded the Redis client. */
async function clientIsLoadedBy(line: string): Promise<boolean> {
  const index = fileURLToPath(new URL("../index.ts", import.meta.url));
  const script = `
    import { createRequire } from "node:module";
    import { memoryCache, redisCache } from ${JSON.stringify(index)};
    ${line};
    console.log(Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("@redis")));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "-C",
    "source",
    "--input-type=module",
    "--eval",
    script,
  ]);
  return stdout.trim() === "true";
}
