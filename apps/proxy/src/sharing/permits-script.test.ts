import { randomUUID } from "node:crypto";

import { RedisLink, redisSettings } from "@dheera-ai/cache/redis-link";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { findProgram, needs } from "../../../../test/support/programs.ts";
import { type RedisServer, startRedisServer } from "../../../../test/support/redis-server.ts";
import { type Heard, type Told, nothingTold, permitsScript, permitsValues, readHeard } from "./permits-script.ts";

/** Long enough for a machine that stands still: only who is to be dead is. */
const patient = permitsScript(3_600_000, 3_600_000);

let redis: RedisServer;
let link: RedisLink;

beforeAll(async () => {
  // Some of what is tested here needs none.
  if (findProgram("redis-server") === undefined) return undefined;
  redis = await startRedisServer();
  link = new RedisLink({
    settings: redisSettings({ url: redis.url }),
    timeoutMs: 60_000,
    onLost: () => {},
  });
  return async () => {
    link.close();
    await redis.stop();
  };
});

describe("the division of a server's permits", needs("redis-server"), () => {
  it("never lends more than the server takes, whoever comes, goes, dies or does not hear", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 100 }), fc.array(step, { maxLength: 80 }), async (limit, steps) => {
        const server = new Server(limit);
        for (const { member, what, amount } of steps) {
          await server.run(member, what, amount);
          const taken = server.members.map(({ held, flight }) => Math.max(held, flight));
          // One document each may have at any time.
          expect(sum(taken)).toBeLessThanOrEqual(limit + taken.filter((one) => one === 1).length);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("divides them max-min fairly, all of them where somebody wants more, and leaves nobody without", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 9 }),
        async (limit, wants) => {
          const server = new Server(limit);
          // Each tells what it wants, gives back what it should, and hears what the others gave back.
          for (let round = 0; round < 4; round++)
            for (const [position, want] of wants.entries()) await server.settle(position, want);
          const parts = server.members.map(({ held }, position) => ({ held, want: wants[position] ?? 0 }));
          for (const one of parts) {
            expect(one.held).toBeGreaterThanOrEqual(1);
            if (one.held >= one.want) continue;
            for (const other of parts) expect(one.held).toBeGreaterThanOrEqual(other.held - 1);
          }
          if (parts.some(({ held, want }) => held < want) && limit >= parts.length)
            expect(sum(parts.map(({ held }) => held))).toBe(limit);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps a little for who wants nothing, and lends half of an even part where nobody needs it", async () => {
    const server = new Server(64);
    for (let round = 0; round < 4; round++) for (let member = 0; member < 4; member++) await server.settle(member, 0);
    expect(server.members.map(({ held }) => held)).toEqual([8, 8, 8, 8]);
    for (let round = 0; round < 4; round++)
      for (let member = 0; member < 4; member++) await server.settle(member, member === 0 ? 500 : 0);
    expect(server.members.map(({ held }) => held)).toEqual([58, 2, 2, 2]);
  });

  it("gives work in the background what nobody else wants, and takes it back when somebody does", async () => {
    const server = new Server(64);
    const settle = async (member: number, told: Partial<Told>): Promise<void> => {
      await server.beat(member, told);
      await server.beat(member, told);
    };
    for (let round = 0; round < 3; round++) {
      await settle(0, { spare: 1_000 });
      await settle(1, { want: 8 });
    }
    expect(server.members.map(({ held }) => held)).toEqual([54, 10]);
    for (let round = 0; round < 3; round++) {
      await settle(0, { spare: 1_000 });
      await settle(1, { want: 500 });
    }
    expect(server.members.map(({ held }) => held)).toEqual([4, 60]);
  });

  it("gives what a dead member held to the others", async () => {
    const server = new Server(64, permitsScript(1));
    await server.settle(0, 500);
    expect(server.members[0]?.held).toBe(64);
    await eventually(async () => {
      await server.settle(1, 500);
      return server.members[1]?.held;
    }).toBe(64);
  });

  it("gives what a member held to the others as soon as it leaves", async () => {
    const server = new Server(64);
    await server.settle(0, 500);
    await server.settle(1, 500);
    expect(server.members[1]?.held).toBe(1);
    await server.beat(0, { leaving: 1 });
    await server.settle(1, 500);
    expect(server.members[1]?.held).toBe(64);
  });

  it("lends nothing new to anybody while members come back with parts of a state that was lost", async () => {
    const server = new Server(64);
    await server.settle(0, 500);
    server.forget();
    await server.settle(0, 500);
    expect(server.members[0]?.held).toBe(64);
    server.members[0] = { ...server.member(0), held: 16 };
    server.forget();
    await server.settle(0, 500);
    await server.settle(1, 500);
    // The new one gets what nobody who is known holds; the old one waits for others like itself.
    expect(server.members.map(({ held }) => held)).toEqual([16, 32]);
  });

  it("knows no limit where no server says one and none has refused", async () => {
    const server = new Server(-1);
    expect((await server.beat(0, { want: 1_000, flight: 900, peak: 900 })).part).toBeUndefined();
  });
});

describe("what members learn together", needs("redis-server"), () => {
  it("halves what all may have in flight when one is refused, once for one overload", async () => {
    const server = new Server(64);
    for (let round = 0; round < 4; round++) for (let member = 0; member < 2; member++) await server.settle(member, 500);
    const flight = { flight: 32, peak: 32, want: 500 };
    for (let member = 0; member < 2; member++) await server.beat(member, flight);
    for (let member = 0; member < 2; member++) await server.beat(member, { ...flight, refused: 8, lowers: 1 });
    for (let round = 0; round < 2; round++) for (let member = 0; member < 2; member++) await server.settle(member, 500);
    expect(server.members.map(({ held }) => held)).toEqual([16, 16]);
  });

  it("grows again by one document for each full allowance that succeeds, up to what is known to work", async () => {
    const server = new Server(64);
    await server.settle(0, 500);
    await server.beat(0, { flight: 64, peak: 64, want: 500, succeeded: 64 });
    await server.beat(0, { flight: 64, peak: 64, want: 500, refused: 8, lowers: 1 });
    expect(await server.held(0)).toBe(32);
    for (let round = 0; round < 4; round++) await server.beat(0, { flight: 32, peak: 32, want: 500, succeeded: 36 });
    expect(await server.held(0)).toBe(36);
    for (let round = 0; round < 40; round++) await server.beat(0, { flight: 36, peak: 54, want: 500, succeeded: 54 });
    expect(await server.held(0)).toBe(54);
  });

  it("finds a limit that the server does not say, and tells it to who comes later", async () => {
    const server = new Server(-1);
    const flight = { flight: 40, peak: 40, want: 500 };
    await server.beat(0, flight);
    await server.beat(1, flight);
    expect((await server.beat(0, { ...flight, refused: 8, lowers: 1 })).part).toBe(20);
    expect((await server.beat(1, { ...flight, held: -1 })).part).toBe(20);
    for (let round = 0; round < 3; round++) for (let member = 0; member < 4; member++) await server.settle(member, 500);
    expect(server.members.map(({ held }) => held)).toEqual([10, 10, 10, 10]);
  });

  it("does not divide calls where their rate is limited", async () => {
    const server = new Server(-1);
    const heard = await server.beat(0, { flight: 32, peak: 32, want: 500, refused: 32, lowers: 1, least: 32 });
    expect(heard.part).toBe(32);
  });

  it("takes the lowest limit that a living member was told by the server", async () => {
    const server = new Server(64);
    await server.settle(0, 500);
    await server.beat(1, { limit: 10 });
    await server.settle(0, 500);
    await server.settle(0, 500);
    expect(server.members[0]?.held).toBe(9);
  });
});

describe("a cooldown", needs("redis-server"), () => {
  it("closes a server for all until a call succeeds there", async () => {
    const server = new Server(64);
    await server.beat(0, { cooled: 60_000 });
    const { closedFor } = await server.beat(1, {});
    expect(closedFor).toBeGreaterThan(0);
    expect(closedFor).toBeLessThanOrEqual(60_000);
    await server.beat(0, { recovered: 1 });
    expect(await server.beat(1, {})).toMatchObject({ closedFor: 0, probes: false });
  });

  it("ends with a probe of one member, which is not the one that failed", async () => {
    const server = new Server(64);
    await server.beat(0, { cooled: 1, asked: 1 });
    await server.beat(1, { asked: 1 });
    await eventually(async () => (await server.beat(1, { asked: 1 })).probes).toBe(true);
    expect(await server.beat(0, { asked: 1 })).toMatchObject({ closedFor: 500, probes: false });
    await server.beat(1, { failed: 1 });
    await eventually(async () => (await server.beat(0, { asked: 1 })).probes).toBe(true);
    await server.beat(0, { recovered: 1 });
    expect(await server.beat(1, { asked: 1 })).toMatchObject({ closedFor: 0, probes: false });
  });

  it("lasts five minutes at most, whatever a member says", async () => {
    const server = new Server(64);
    await server.beat(0, { cooled: 1e12 });
    expect((await server.beat(1, {})).closedFor).toBeLessThanOrEqual(300_000);
  });
});

describe("what Redis answers", () => {
  it("is refused where the script does not say such things", () => {
    const good = [1, 5, 5, 2, 0, 0, 0, 0];
    expect(readHeard([good], 1)).toHaveLength(1);
    for (const reply of [
      undefined,
      null,
      "OK",
      {},
      [],
      [good, good],
      [[...good, 1]],
      [good.with(1, NaN)],
      [good.with(1, 0.5)],
    ])
      expect(() => readHeard(reply, 1)).toThrow();
    expect(() => readHeard([good.map(String)], 1)).toThrow();
  });

  it("cannot take away the last document, nor close a server for hours", () => {
    const [heard] = readHeard([[1, 0, 0, -7, 0, 0, 1e15, 0]], 1);
    expect(heard).toMatchObject({ part: 1, members: 1, closedFor: 300_000 });
  });
});

interface ServerMember {
  readonly id: string;
  readonly epoch: number;
  readonly held: number;
  readonly flight: number;
}

/** A server and those who share it, as the processes would be. */
class Server {
  readonly members: ServerMember[] = [];
  readonly #limit: number;
  readonly #script: ReturnType<typeof permitsScript>;
  #key = randomUUID();

  constructor(limit: number, script: ReturnType<typeof permitsScript> = patient) {
    this.#limit = limit;
    this.#script = script;
  }

  member(position: number): ServerMember {
    const known = this.members[position];
    if (known) return known;
    for (let at = this.members.length; at <= position; at++)
      this.members.push({ id: `${at} ${randomUUID()}`, epoch: 0, held: 0, flight: 0 });
    return this.member(position);
  }

  /** As if Redis had lost it. */
  forget(): void {
    this.#key = randomUUID();
  }

  async beat(position: number, told: Partial<Told>, isHeard = true): Promise<Heard> {
    const { id, epoch, held, flight } = this.member(position);
    const row = { ...nothingTold, limit: this.#limit, epoch, held, flight, ...told };
    const reply = await link.run(this.#script, [this.#key], [0.5, ...permitsValues(id, row)], () => {});
    const [heard] = readHeard(reply, 1);
    if (!heard) throw new Error("nothing was heard");
    if (isHeard && row.leaving === 0)
      this.members[position] = { ...this.member(position), epoch: heard.epoch, held: heard.part ?? -1 };
    return heard;
  }

  /** Its part, as the next beat says. */
  async held(position: number): Promise<number> {
    const { part = -1 } = await this.beat(position, { want: 500, flight: 0 });
    return part;
  }

  /** Two beats without anything in flight: what it should give back, it has given back. */
  async settle(position: number, want: number): Promise<void> {
    await this.beat(position, { want });
    await this.beat(position, { want });
  }

  async run(position: number, what: Step["what"], amount: number): Promise<void> {
    const { held, flight } = this.member(position);
    if (what === "beat" || what === "deaf") {
      await this.beat(position, { want: amount, peak: flight }, what === "beat");
    } else if (what === "admit") {
      this.members[position] = { ...this.member(position), flight: Math.max(flight, Math.min(held, flight + amount)) };
    } else if (what === "end") {
      this.members[position] = { ...this.member(position), flight: Math.max(0, flight - amount) };
    } else {
      await this.beat(position, { leaving: 1 });
      this.members[position] = { id: randomUUID(), epoch: 0, held: 0, flight: 0 };
    }
  }
}

type Step = {
  readonly member: number;
  readonly what: "beat" | "deaf" | "admit" | "end" | "leave";
  readonly amount: number;
};

const step: fc.Arbitrary<Step> = fc.record({
  member: fc.integer({ min: 0, max: 5 }),
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constant("beat" as const) },
    { weight: 4, arbitrary: fc.constantFrom("admit" as const, "end" as const) },
    { weight: 1, arbitrary: fc.constantFrom("deaf" as const, "leave" as const) },
  ),
  amount: fc.integer({ min: 0, max: 200 }),
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
