import { setTimeout as wait } from "node:timers/promises";

import { type Random, createRandom } from "../simulator/random.ts";
import type { Outage, Stage } from "./stage.ts";

/** What went wrong on purpose, and how often. */
export type Faults = Map<string, number>;

/** One fault after the other until it is over and each has happened once; the last one is healed. The same seed gives the same ones. */
export async function runFaults(stage: Stage, seed: number, isOver: () => boolean): Promise<Faults> {
  const random = createRandom(seed + 11);
  const made: Faults = new Map();
  const due = shuffled(random, [...faults]);
  for (;;) {
    await wait(random.integer(500, 3_000));
    const next = due.shift() ?? (isOver() ? undefined : random.pick(faults));
    if (next === undefined) break;
    const [name, run] = next;
    made.set(name, (made.get(name) ?? 0) + 1);
    await run(stage, random);
  }
  return made;
}

type Fault = readonly [name: string, run: (stage: Stage, random: Random) => Promise<void>];

const faults: readonly [Fault, ...Fault[]] = [
  ["kill of a proxy", killOne],
  [
    "kill of two proxies",
    async (stage, random) => {
      const slot = random.integer(0, 3);
      await Promise.all([stage.kill(slot), stage.kill((slot + 1) % 4)]);
    },
  ],
  ["crash of PostgreSQL", (stage, random) => crash(stage, random.integer(0, 4_000))],
  ["restart of PostgreSQL", ({ postgresql, outages }) => during(outages, "restart", () => postgresql.restart())],
  ["freeze of PostgreSQL", (stage, random) => freeze(stage, random.integer(200, 6_000))],
  [
    "freeze of PostgreSQL until statements are given up",
    (stage, random) => freeze(stage, random.integer(12_000, 14_000)),
  ],
  [
    "kill of a proxy while PostgreSQL is down",
    async (stage, random) => {
      const [back] = await Promise.all([crash(stage, 3_000), wait(1_500).then(() => killOne(stage, random))]);
      return back;
    },
  ],
  [
    "kill of a proxy while PostgreSQL is frozen",
    async (stage, random) => {
      await Promise.all([freeze(stage, 4_000), wait(2_500).then(() => killOne(stage, random))]);
    },
  ],
  [
    "restart of Redis",
    async ({ redis }, random) => {
      await redis.kill();
      await wait(random.integer(0, 3_000));
      await redis.start();
    },
  ],
];

export const faultNames: readonly string[] = faults.map(([name]) => name);

function killOne(stage: Stage, random: Random): Promise<void> {
  return stage.kill(random.integer(0, 3));
}

function crash({ postgresql, outages }: Stage, milliseconds: number): Promise<void> {
  return during(outages, "crash", async () => {
    await postgresql.kill();
    await wait(milliseconds);
    await postgresql.start();
  });
}

function freeze({ postgresql, outages }: Stage, milliseconds: number): Promise<void> {
  return during(outages, "freeze", async () => {
    await postgresql.freeze();
    await wait(milliseconds);
    postgresql.thaw();
  });
}

async function during(outages: Outage[], how: Outage["how"], run: () => Promise<void>): Promise<void> {
  const outage: Outage = { how, from: performance.now(), to: Number.POSITIVE_INFINITY };
  outages.push(outage);
  await run();
  outage.to = performance.now();
}

function shuffled<T>(random: Random, list: T[]): T[] {
  return list
    .map((value) => ({ value, place: random.next() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ value }) => value);
}
