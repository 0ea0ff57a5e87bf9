import { hash, randomUUID } from "node:crypto";

import { RedisLink, redisSettings } from "@dheera-ai/cache/redis-link";
import type { SharedDeployment } from "@dheera-ai/core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { findProgram, needs } from "../../../../test/support/programs.ts";
import { type RedisServer, startRedisServer } from "../../../../test/support/redis-server.ts";
import { type HeardMinute, minutesScript, minutesValues, readHeardMinutes } from "./minutes-script.ts";
import { SharedMinutes } from "./shared-minutes.ts";

/** Long enough for a machine that stands still: no minute ends while a test runs, and nobody is thought dead. */
const longMs = 1_000_000_000_000;
const patient = minutesScript(longMs, longMs);

/** Milliseconds of a minute that does not end while a test runs, by a clock that stands still. */
const stillMs = 1_000_000_000;

/** The script, with a clock that stands still after so many minutes of it. */
function scriptAt(minutes: number): ReturnType<typeof minutesScript> {
  const { text: own } = minutesScript(longMs, stillMs);
  const text = own.replace('redis.call("TIME")', `{ ${Math.round((minutes * stillMs) / 1_000)}, 0 }`);
  expect(text).not.toBe(own);
  return { text, sha1: hash("sha1", text) };
}

let redis: RedisServer;
let link: RedisLink;

beforeAll(async () => {
  // Some of what is tested here needs none.
  if (findProgram("redis-server") === undefined) return undefined;
  redis = await startRedisServer();
  link = new RedisLink({ settings: redisSettings({ url: redis.url }), timeoutMs: 60_000, onLost: () => {} });
  return async () => {
    link.close();
    await redis.stop();
  };
});

describe("the calls of a minute, shared through Redis", needs("redis-server"), () => {
  it("are never more than the limit, whoever comes, goes or does not hear, but for the first ones of who comes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 500 }), fc.array(step, { maxLength: 80 }), async (limit, steps) => {
        const processes = new Processes(limit);
        for (const { position, what, amount } of steps) {
          if (what === "use") processes.use(position, amount);
          else if (what === "leave") await processes.leave(position);
          else await processes.beat(position, what === "beat");
          expect(processes.used).toBeLessThanOrEqual(limit + processes.first);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("are all used by those who want them, in like parts", async () => {
    const processes = new Processes(120);
    for (let round = 0; round < 200; round++)
      for (const position of [0, 1, 2]) {
        processes.use(position, 1);
        await processes.beat(position);
      }
    expect(processes.used).toBe(120);
    for (const position of [0, 1, 2]) expect(processes.usedBy(position)).toBeGreaterThanOrEqual(35);
    expect([0, 1, 2].map((position) => processes.of(position).isOpen())).toEqual([false, false, false]);
  });

  it("go to one process nearly whole where the others make none", async () => {
    const processes = new Processes(240);
    for (const position of [0, 1, 2, 3]) await processes.beat(position);
    for (let round = 0; round < 100; round++) {
      processes.use(0, 5);
      for (const position of [0, 1, 2, 3]) await processes.beat(position);
    }
    // An eighth of an even part each is kept by those who make none.
    expect(processes.used).toBeGreaterThanOrEqual(240 - 3 * 8);
  });

  it("are there in a few beats for many who ask at once", async () => {
    const processes = new Processes(600);
    await processes.beat(0);
    await processes.beat(1);
    let beats = 0;
    for (; processes.used < 300; beats++) {
      processes.queued = 300 - processes.used;
      processes.use(0, 300 - processes.used);
      await processes.beat(0);
    }
    expect(beats).toBeLessThanOrEqual(6);
  });

  it("stay used when who used them has gone, and what was left of them is there for others", async () => {
    const processes = new Processes(100);
    for (let round = 0; round < 10; round++) {
      processes.use(0, 3);
      await processes.beat(0);
    }
    await processes.leave(0);
    for (let round = 0; round < 60; round++) {
      processes.use(1, 10);
      await processes.beat(1);
    }
    expect(processes.used).toBe(100);
  });

  it("are lent anew in the next minute, a part of it before it was asked for", async () => {
    const processes = new Processes(100, minutesScript(longMs, 1_000), 1_000);
    await processes.beat(0);
    processes.use(0, 200);
    await eventually(async () => {
      await processes.beat(0);
      processes.use(0, 200);
      return processes.used;
    }).toBeGreaterThan(150);
  });

  it("come back with those who hold them when Redis has lost everything, and nobody gets more at first", async () => {
    const processes = new Processes(100);
    for (let round = 0; round < 12; round++) {
      for (const position of [0, 1]) {
        processes.use(position, 4);
        await processes.beat(position);
      }
    }
    const before = processes.used;
    processes.forget();
    for (let round = 0; round < 20; round++)
      for (const position of [0, 1]) {
        await processes.beat(position);
        processes.use(position, 10);
      }
    expect(processes.used).toBeGreaterThanOrEqual(before);
    expect(processes.used).toBeLessThanOrEqual(100);
  });

  it.each([0.5, 1, 2, 50])("are lent on when the clock of Redis was put back by %d minutes", async (back) => {
    const processes = new Processes(100, scriptAt(1_000.2), stillMs);
    for (let round = 0; round < 5; round++)
      for (const position of [0, 1]) {
        processes.use(position, 2);
        await processes.beat(position);
      }
    const before = processes.used;
    expect(before).toBeLessThan(50);
    processes.script = scriptAt(1_000.2 - back);
    for (let round = 0; round < 100; round++)
      for (const position of [0, 1]) {
        await processes.beat(position);
        processes.use(position, 5);
      }
    // What was used before counts too.
    expect(processes.used).toBe(100);
    expect([0, 1].map((position) => processes.of(position).isOpen())).toEqual([false, false]);
  });
});

describe("SharedMinutes without Redis", () => {
  const heard: HeardMinute = { epoch: 1, minute: 7, endsIn: 60_000, held: 10, next: 5, free: 50, members: 4 };

  it("keeps to what it holds, and from the next minute on to an even part", async () => {
    const minutes = new SharedMinutes({ key: "k", limit: 80, workers: 1, onUrgent: () => {}, minuteMs: 200 });
    const began = performance.now();
    minutes.hear({ ...heard, endsIn: 200 }, began - 10_000);
    minutes.heardNothing();
    // A slow machine may be in the next minute already.
    const held = minutes.callsLeft();
    expect([10, 20]).toContain(held);
    await eventually(() => minutes.callsLeft()).toBe(20);
    for (let call = 0; call < 20; call++) minutes.use(performance.now());
    await eventually(() => minutes.callsLeft()).toBe(20);
  });

  it("takes an answer from the minute that is over for no clock that was put back", () => {
    const minutes = new SharedMinutes({ key: "k", limit: 80, workers: 1, onUrgent: () => {} });
    const now = performance.now();
    minutes.hear({ ...heard, minute: 9, held: 20 }, now);
    // It was late by 600 ms, which this process took to hear it, or Redis begins its minute a little later.
    minutes.hear({ ...heard, minute: 8, endsIn: 600, held: 70 }, now - 600);
    minutes.hear({ ...heard, minute: 8, endsIn: 600, held: 70 }, now);
    minutes.hear({ ...heard, minute: 7, endsIn: 600, held: 70 }, now - 60_600);
    expect(minutes.callsLeft()).toBe(20);
    minutes.use(now);
    minutes.hear({ ...heard, minute: 8, endsIn: 50_000, held: 70 }, performance.now());
    expect(minutes.callsLeft()).toBe(69);
    expect(minutes.secondsLeft()).toBeLessThanOrEqual(50);
  });

  it("has the whole limit where it never heard of others, and of several workers each a part", () => {
    const alone = new SharedMinutes({ key: "k", limit: 80, workers: 1, onUrgent: () => {} });
    const worker = new SharedMinutes({ key: "k", limit: 80, workers: 4, onUrgent: () => {} });
    for (const minutes of [alone, worker]) minutes.heardNothing();
    expect([alone.callsLeft(), worker.callsLeft()]).toEqual([80, 20]);
    for (let call = 0; call < 20; call++) worker.use(performance.now());
    expect(worker.isOpen()).toBe(false);
    // Nobody waits for calls that do not come.
    expect(worker.callsLeft()).toBe(Infinity);
    expect(worker.secondsLeft()).toBeGreaterThan(0);
    expect(worker.secondsLeft()).toBeLessThanOrEqual(60);
  });

  it("lets calls wait for what may come, and calls for it once", () => {
    const urgent: string[] = [];
    const minutes = new SharedMinutes({ key: "k", limit: 64, workers: 1, onUrgent: () => void urgent.push("now") });
    minutes.hear({ ...heard, held: 1 }, performance.now());
    minutes.use(performance.now());
    expect([minutes.isOpen(), minutes.callsLeft(), minutes.callsLeft()]).toEqual([true, 0, 0]);
    expect(urgent).toEqual(["now"]);
    minutes.hear({ ...heard, held: 1, free: 0 }, performance.now());
    expect(minutes.isOpen()).toBe(false);
  });

  it("believes no Redis that lends more than there is", () => {
    const minutes = new SharedMinutes({ key: "k", limit: 8, workers: 1, onUrgent: () => {} });
    minutes.hear({ ...heard, held: 1e9, next: 1e9, endsIn: 1e12 }, performance.now());
    expect(minutes.callsLeft()).toBe(8);
    expect(minutes.secondsLeft()).toBeLessThanOrEqual(60);
  });
});

/** Processes that share one limit, as far as Redis sees them. */
class Processes {
  /** Calls that were made in all. */
  used = 0;
  /** Calls that processes may have made before they were heard of. */
  first = 0;
  /** Documents that wait at each. */
  queued = 0;
  readonly #limit: number;
  script: ReturnType<typeof minutesScript>;
  readonly #minuteMs: number;
  readonly #all = new Map<number, SharedMinutes>();
  readonly #used = new Map<number, number>();
  #key = randomUUID();

  constructor(limit: number, script = patient, minuteMs = longMs) {
    this.#limit = limit;
    this.script = script;
    this.#minuteMs = minuteMs;
  }

  of(position: number): SharedMinutes {
    const known = this.#all.get(position);
    if (known) return known;
    const minutes = new SharedMinutes({
      key: "",
      limit: this.#limit,
      workers: 1,
      onUrgent: () => {},
      minuteMs: this.#minuteMs,
    });
    const queued = (): number => this.queued;
    minutes.join({
      id: "d",
      provider: "p",
      model: "m",
      params: { model: "p/m" },
      admission: {
        documentsInFlight: 0,
        callsInFlight: 0,
        get documentsQueued() {
          return queued();
        },
        admitWaiting: () => {},
      },
    } satisfies SharedDeployment);
    this.first += Math.max(1, Math.floor(this.#limit / 64));
    this.#all.set(position, minutes);
    return minutes;
  }

  usedBy(position: number): number {
    return this.#used.get(position) ?? 0;
  }

  /** As many as it wants and may make now. */
  use(position: number, wanted: number): void {
    const minutes = this.of(position);
    for (let call = 0; call < wanted; call++) {
      const left = minutes.callsLeft();
      if (left === 0 || left === Infinity) return;
      minutes.use(performance.now());
      this.used++;
      this.#used.set(position, this.usedBy(position) + 1);
    }
  }

  async beat(position: number, isHeard = true): Promise<void> {
    const minutes = this.of(position);
    const now = performance.now();
    const values = minutesValues(minutes.id, minutes.tell(now));
    const [heard] = readHeardMinutes(await link.run(this.script, [this.#key], values, () => {}), 1);
    if (heard && isHeard) minutes.hear(heard, now);
  }

  async leave(position: number): Promise<void> {
    this.of(position).leaveAll();
    await this.beat(position, false);
    this.#all.delete(position);
  }

  /** As if Redis had lost everything. */
  forget(): void {
    this.#key = randomUUID();
  }
}

interface Step {
  readonly position: number;
  readonly what: "use" | "beat" | "deaf" | "leave";
  readonly amount: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  position: fc.integer({ min: 0, max: 4 }),
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("use" as const, "beat" as const) },
    { weight: 1, arbitrary: fc.constantFrom("deaf" as const, "leave" as const) },
  ),
  amount: fc.integer({ min: 1, max: 100 }),
});
