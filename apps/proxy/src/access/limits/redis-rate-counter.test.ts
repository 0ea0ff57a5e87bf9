import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { type RedisServer, startRedisServer } from "../../../../../test/support/redis-server.ts";
import { type LogFields, type Logger, silentLog } from "../../telemetry/telemetry.ts";
import type { RateCounter } from "./rate-counter.ts";
import { redisRateCounter } from "./redis-rate-counter.ts";

let server: RedisServer;
const opened: RateCounter[] = [];

beforeAll(async () => {
  server = await startRedisServer("--requirepass", "sk-redis");
});
afterEach(async () => {
  for (const counter of opened.splice(0)) await counter.close?.();
  server.thaw();
  await server.kill();
  await server.start();
});
afterAll(() => server.stop());

describe("redisRateCounter", needs("redis-server"), () => {
  it("counts together with other processes", async () => {
    const [one, other] = [await connected("closed"), await connected("closed")];
    expect(await one.add("requests:a", 3)).toMatchObject({ used: 3 });
    const { used, resetsIn } = await other.add("requests:a", 4);
    expect(used).toBe(7);
    expect(resetsIn).toBeGreaterThan(0);
    expect(resetsIn).toBeLessThanOrEqual(60_000);
  });

  it("takes back points of refused requests", async () => {
    const one = await connected("closed");
    await one.add("documents:a", 30);
    one.giveBack("documents:a", 20);
    await expect.poll(async () => (await one.add("documents:a", 0)).used).toBe(10);
  });

  it("counts in this process while Redis is away, and together again when it is back", async () => {
    const one = await connected("open");
    await one.add("requests:a", 5);
    await server.kill();
    await expect.poll(async () => (await one.add("requests:b", 1)).used).toBeGreaterThan(0);
    const before = (await one.add("requests:b", 0)).used;
    expect((await one.add("requests:b", 1)).used).toBe(before + 1);

    await server.start();
    await expect.poll(() => one.check?.().then(() => "up")).toBe("up");
    expect((await one.add("requests:c", 2)).used).toBe(2);
  });

  it("refuses to count while Redis is away where that is configured", async () => {
    const one = await connected("closed");
    await server.kill();
    await expect(one.add("requests:a", 1)).rejects.toThrow();
    await expect(one.check?.()).rejects.toThrow();
  });

  it("does not let a request hang on a Redis that hangs", async () => {
    const one = await connected("open", 250);
    server.freeze();
    expect(await one.add("requests:a", 2)).toMatchObject({ used: 2 });
    await expect(one.check?.()).rejects.toThrow("did not answer");
  });

  it("reports once that Redis cannot be reached, without the password", async () => {
    const lines: string[] = [];
    const warn = (message: string, fields?: LogFields): void => void lines.push(JSON.stringify([message, fields]));
    const log: Logger = { ...silentLog, warn };
    await server.kill();
    const one = await redisRateCounter(address(), "open", log);
    opened.push(one);
    await expect.poll(() => lines.length).toBe(1);
    await one.add("requests:a", 1);
    expect(lines[0]).toContain("rate limits cannot be shared, because Redis cannot be reached");
    expect(lines[0]).not.toContain("sk-redis");
  });
});

/** On a busy machine Redis may take a while: only what hangs is given up sooner. */
async function connected(onFailure: "open" | "closed", timeoutMs = 20_000): Promise<RateCounter> {
  const made = await redisRateCounter(address(), onFailure, silentLog, timeoutMs);
  opened.push(made);
  await expect.poll(() => made.check?.().then(() => "up")).toBe("up");
  return made;
}

function address(): Parameters<typeof redisRateCounter>[0] {
  return {
    url: undefined,
    host: server.host,
    port: server.port,
    username: undefined,
    password: "sk-redis",
    db: undefined,
  };
}
