import { setImmediate as settled } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../../../../../test/support/programs.ts";
import { openConnection } from "../../../../../test/support/raw-connection.ts";
import { type RedisServer, startRedisServer } from "../../../../../test/support/redis-server.ts";
import { type LogFields, type Logger, silentLog } from "../../telemetry/telemetry.ts";
import type { Charge, Taken } from "./rate-counter.ts";
import { RedisRateCounter, type RedisRateCounterOptions } from "./redis-rate-counter.ts";

const password = "sk-redis";

let server: RedisServer;
const opened: RedisRateCounter[] = [];

beforeAll(async () => {
  server = await startRedisServer("--requirepass", password);
});
afterEach(async () => {
  for (const counter of opened.splice(0)) await counter.close();
  server.thaw();
  await server.kill();
  await server.start();
});
afterAll(() => server.stop());

describe("RedisRateCounter", needs("redis-server"), () => {
  it("counts together with other processes", async () => {
    const [one, other] = [await connected("closed"), await connected("closed")];
    expect(await one.take(charge("a", 3))).toMatchObject({ fits: true, usages: [{ used: 3 }] });
    const taken = await other.take(charge("a", 4));
    expect(taken).toMatchObject({ fits: true, usages: [{ used: 7 }] });
    expect(taken.usages[0]?.resetsIn).toBeGreaterThan(0);
    expect(taken.usages[0]?.resetsIn).toBeLessThanOrEqual(60_000);
  });

  it("takes all charges or none", async () => {
    const one = await connected("closed");
    const both = [...charge("all", 60), ...charge("key", 60, 1_000)];
    expect(await one.take(both)).toMatchObject({ fits: true, usages: [{ used: 60 }, { used: 60 }] });
    expect(await one.take(both)).toMatchObject({ fits: false, usages: [{ used: 60 }, { used: 60 }] });
  });

  it("takes them in a Redis Cluster, where the keys of one step must lie in one slot", async () => {
    await using cluster = await startRedisServer("--requirepass", password, "--cluster-enabled", "yes");
    await inRedis(cluster, "CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await expect.poll(() => inRedis(cluster, "CLUSTER", "INFO"), { timeout: 60_000 }).toContain("cluster_state:ok");
    const one = await connected("closed", 20_000, cluster);
    const both = [...charge("requests:all callers", 60), ...charge("requests:key team {1}", 60, 1_000)];
    expect(await one.take(both)).toMatchObject({ fits: true, usages: [{ used: 60 }, { used: 60 }] });
    expect(await one.take(both)).toMatchObject({ fits: false, usages: [{ used: 60 }, { used: 60 }] });
  });

  it.each([10, 100, 1_000])(
    "never lets more than the limit into a minute with %i calls at a time of two processes, over the end of the minute",
    async (calls) => {
      const counters = [await connected("closed"), await connected("closed")] as const;
      const rush = (): Promise<number>[] =>
        Array.from({ length: calls }, async (_, call) => {
          const { fits, usages } = await counters[call % 2 === 0 ? 0 : 1].take(charge("a", 7, 2_000));
          expect(usages[0]?.used).toBeGreaterThanOrEqual(0);
          expect(usages[0]?.used).toBeLessThanOrEqual(2_000);
          return fits ? 7 : 0;
        });
      const mostOfAMinute = 7 * Math.floor(2_000 / 7);
      const first = rush();
      expect(await sum(first)).toBe(Math.min(7 * calls, mostOfAMinute));
      const before = rush();
      await endMinute("a");
      expect(await sum([...before, ...rush(), ...rush()])).toBeLessThanOrEqual(2 * mostOfAMinute);
      expect(await sum(rush())).toBeLessThanOrEqual(mostOfAMinute);
      const [, used] = (await inRedis(server, "HGET", "dheera-ai:{limit}:a", "used")).split("\n");
      expect(Number(used)).toBeLessThanOrEqual(2_000);
    },
  );

  it("begins a new minute when the clock of Redis is set back by an hour, and not for less than a minute", async () => {
    const one = await connected("closed");
    await one.take(charge("a", 100));
    await moveBeginning("a", 30_000);
    expect((await one.take(charge("a", 1))).fits).toBe(false);
    await moveBeginning("a", 3_600_000);
    expect(await one.take(charge("a", 1))).toMatchObject({ fits: true, usages: [{ used: 1 }] });
  });

  it("counts on in this process while Redis is away, from what Redis said last, and tells it afterwards", async () => {
    const [one, other] = [await connected("open", 2_000), await connected("open")];
    await one.take(charge("a", 40));
    await other.take(charge("a", 20));
    expect((await one.take(charge("a", 0))).usages[0]?.used).toBe(60);
    server.freeze();
    await expect.poll(() => isAway(one), { timeout: 60_000 }).toBe(true);
    expect(await one.take(charge("a", 30))).toMatchObject({ fits: true, usages: [{ used: 90 }] });
    expect((await one.take(charge("a", 30))).fits).toBe(false);

    server.thaw();
    await expect
      .poll(
        () =>
          one.check().then(
            () => "up",
            () => "down",
          ),
        { timeout: 60_000 },
      )
      .toBe("up");
    await expect.poll(async () => (await one.take(charge("a", 0))).usages[0]?.used).toBeGreaterThanOrEqual(90);
    expect((await other.take(charge("a", 30))).fits).toBe(false);
  });

  it("does not give a minute twice when Redis lost it", async () => {
    const one = await connected("open");
    await one.take(charge("a", 90));
    await server.kill();
    await server.start();
    await expect
      .poll(
        () =>
          one.check().then(
            () => "up",
            () => "down",
          ),
        { timeout: 60_000 },
      )
      .toBe("up");
    expect(await one.take(charge("a", 20))).toMatchObject({ fits: false, usages: [{ used: 90 }] });
  });

  it("refuses to count while Redis is away where that is configured", async () => {
    const one = await connected("closed");
    await server.kill();
    await expect(one.take(charge("a", 1))).rejects.toThrow();
    await expect(one.check()).rejects.toThrow();
  });

  it.each(["open", "closed"] as const)(
    "asks a Redis that hangs no more after three failures: %s",
    async (onFailure) => {
      const one = await connected(onFailure, 250);
      server.freeze();
      const first = await Promise.allSettled([1, 2, 3].map(() => one.take(charge("a", 1))));
      expect(first.map(({ status }) => status)).toEqual(Array(3).fill(onFailure === "open" ? "fulfilled" : "rejected"));
      for (let call = 0; call < 20; call++) expect(await settlesAtOnce(one.take(charge("a", 1)))).toBe(true);
      await expect(one.check()).rejects.toThrow();

      server.thaw();
      await expect
        .poll(
          () =>
            one.check().then(
              () => "up",
              () => "down",
            ),
          { timeout: 60_000 },
        )
        .toBe("up");
      expect((await one.take(charge("b", 1))).usages[0]?.used).toBe(1);
    },
  );

  it("lets no more in when this process itself is too busy to hear Redis in time", async () => {
    const [slow, other] = [await connected("open", 250), await connected("open")];
    const answers: Promise<Taken>[] = [];
    for (let round = 0; round < 5; round++) {
      for (let call = 0; call < 30; call++) answers.push(slow.take(charge("a", 1)));
      await settled();
      block(400);
    }
    const taken = await Promise.all(answers);
    expect(taken.filter(({ fits }) => fits)).toHaveLength(100);
    expect((await other.take(charge("a", 1))).fits).toBe(false);
  });

  it("reports once that Redis cannot be reached, without the password", async () => {
    const lines: string[] = [];
    const warn = (message: string, fields?: LogFields): void => void lines.push(JSON.stringify([message, fields]));
    const log: Logger = { ...silentLog, warn };
    await server.kill();
    const one = open({ onFailure: "open", log });
    await expect.poll(() => lines.length).toBe(1);
    await one.take(charge("a", 1));
    expect(lines[0]).toContain("rate limits cannot be shared, because Redis cannot be reached");
    expect(lines[0]).not.toContain(password);
  });
});

function charge(name: string, points: number, limit = 100): readonly Charge[] {
  return [{ name, points, limit }];
}

/** On a busy machine Redis may take a while: only what hangs is given up sooner. */
async function connected(
  onFailure: "open" | "closed",
  timeoutMs = 20_000,
  at: RedisServer = server,
): Promise<RedisRateCounter> {
  const made = open({ onFailure, timeoutMs, log: silentLog }, at);
  await expect.poll(() => made.check().then(() => "up")).toBe("up");
  return made;
}

function open(
  options: Omit<RedisRateCounterOptions, "address">,
  { host, port }: RedisServer = server,
): RedisRateCounter {
  const address = { url: undefined, host, port, username: undefined, password, db: undefined };
  const made = new RedisRateCounter({ address, ...options });
  opened.push(made);
  return made;
}

/** Whether an answer needs nothing but what this process knows. */
async function settlesAtOnce(answer: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  answer.then(settle, settle);
  await settled();
  return isSettled;
}

async function isAway(counter: RedisRateCounter): Promise<boolean> {
  const answer = counter.take(charge("other", 1));
  const atOnce = await settlesAtOnce(answer);
  await answer;
  return atOnce;
}

/** As a large request does. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function sum(numbers: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(numbers)).reduce((all, one) => all + one, 0);
}

/** As if a minute had passed. */
async function endMinute(name: string): Promise<void> {
  await moveBeginning(name, -60_000);
}

async function moveBeginning(name: string, milliseconds: number): Promise<void> {
  await inRedis(server, "HINCRBY", `dheera-ai:{limit}:${name}`, "began", String(milliseconds));
}

/** What Redis answers to a command, as it says it: a bulk string is its length and its text. */
async function inRedis({ url }: RedisServer, ...words: readonly string[]): Promise<string> {
  const connection = await openConnection(url);
  connection.say(`AUTH ${password}\r\n${words.join(" ")}\r\nPING\r\n`);
  const [, ...lines] = (await connection.hear("+PONG")).split("\r\n");
  connection.close();
  return lines.slice(0, lines.indexOf("+PONG")).join("\n");
}
