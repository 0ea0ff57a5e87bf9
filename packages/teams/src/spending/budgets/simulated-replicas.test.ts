import fc from "fast-check";
import { expect, it } from "vitest";

import { type Database, openDatabase } from "../../database/open-database.ts";
import { migrate } from "../../migrations/migrate.ts";
import { makeSpending } from "../open-spending.ts";
import type { Reservation } from "../spending.ts";
import { makeAnswer, makeOwner, noon } from "../testing/answers.ts";
import { deadAfter } from "./replica.ts";

const log = { info: () => {}, warn: () => {}, error: () => {} };
const settings = { database_url: "sqlite::memory:", spend_journal: "" };
/** What a request may cost at most, and what those under way do cost. */
const most = 100;
const team = 2_000;
const key = 1_300;
const replicas = 3;

interface Running {
  readonly replica: number;
  readonly reservation: Reservation;
}

/** A time in which each replica does a step now and then: what it holds goes up and down, and some die with it. */
class Simulation {
  now = noon;
  /** What requests that were answered cost, by whether it was booked for certain. */
  answered = 0;
  lost = 0;
  readonly running: Running[] = [];
  readonly spendings: ReturnType<typeof makeSpending>[] = [];
  readonly unflushed: number[] = [];
  readonly database: Database;
  readonly owners = [
    [makeOwner("key", "one", { max: key / 1e9, since: 0 }), makeOwner("team", "t", { max: team / 1e9, since: 0 })],
    [makeOwner("key", "two", { max: key / 1e9, since: 0 }), makeOwner("team", "t", { max: team / 1e9, since: 0 })],
  ] as const;
  #started = 0;

  constructor(database: Database) {
    this.database = database;
    for (let replica = 0; replica < replicas; replica += 1) this.start(replica);
  }

  start(replica: number): void {
    this.#started += 1;
    const replicaId = `replica-${this.#started}`;
    const options = { log, replicaId, version: "1", now: () => this.now, longestWait: 0 };
    this.spendings[replica] = makeSpending(this.database, settings, options);
    this.unflushed[replica] = 0;
  }

  get(replica: number): ReturnType<typeof makeSpending> {
    const spending = this.spendings[replica];
    if (spending === undefined) throw new Error("no such replica");
    return spending;
  }

  async ask(replica: number, which: number): Promise<boolean> {
    const owners = this.owners[which % 2] ?? [];
    try {
      const reservation = await this.get(replica).reserve(owners, most);
      if (reservation === undefined) throw new Error("it has a budget");
      this.running.push({ replica, reservation });
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "budget_exceeded" });
      return false;
    }
  }

  answer(index: number, cost: number | null): void {
    const [one] = this.running.splice(index % Math.max(1, this.running.length), 1);
    if (one === undefined) return;
    const { replica, reservation } = one;
    if (cost === 0) return this.get(replica).release(reservation);
    this.get(replica).book(makeAnswer({ owners: [], cost, at: this.now }), reservation);
    this.unflushed[replica] = (this.unflushed[replica] ?? 0) + (cost ?? most);
    this.answered += cost ?? most;
  }

  async flush(replica: number): Promise<void> {
    await this.get(replica).flush();
    this.unflushed[replica] = 0;
  }

  /** As kill -9 does: nothing is given back, and what was not written is gone. */
  die(replica: number): void {
    this.lost += this.unflushed[replica] ?? 0;
    for (const one of this.running.filter((running) => running.replica === replica))
      this.running.splice(this.running.indexOf(one), 1);
    this.start(replica);
  }

  /** Of each budget: what is booked, and what replicas may spend without asking. */
  async figures(): Promise<readonly { readonly id: string; readonly spent: number; readonly allowed: number }[]> {
    const { db } = this.database;
    const spent = await db.selectFrom("dheera_spent").select(["owner_id", "spent"]).execute();
    const allowed = await db.selectFrom("dheera_allowances").select(["owner_id", "amount"]).execute();
    return spent.map((row) => ({
      id: row.owner_id,
      spent: row.spent,
      allowed: allowed.filter(({ owner_id }) => owner_id === row.owner_id).reduce((sum, { amount }) => sum + amount, 0),
    }));
  }
}

const replicaIndex = fc.nat(replicas - 1);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("ask" as const), replica: replicaIndex, which: fc.nat(1) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      index: fc.nat(20),
      cost: fc.oneof(fc.integer({ min: 0, max: most }), fc.constant(null)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("flush" as const), replica: replicaIndex }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("tidy" as const), replica: replicaIndex }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), replica: replicaIndex }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 20 }) }) },
);

it("never exceeds a budget by more than one request a replica, whatever replicas do and when they die, and books what was answered once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
      const database = await openDatabase("sqlite::memory:");
      await migrate(database);
      try {
        const world = new Simulation(database);
        for (const one of steps) {
          if (one.do === "ask") await world.ask(one.replica, one.which);
          else if (one.do === "answer") world.answer(one.index, one.cost);
          else if (one.do === "flush") await world.flush(one.replica);
          else if (one.do === "tidy") await world.get(one.replica).tidy();
          else if (one.do === "die") world.die(one.replica);
          else await passTime(world, one.seconds);
          for (const { id, spent, allowed } of await world.figures())
            expect(spent + allowed).toBeLessThanOrEqual((id === "t" ? team : key) + replicas * most);
        }
        while (world.running.length > 0) world.answer(0, most);
        for (let replica = 0; replica < replicas; replica += 1) await world.flush(replica);
        const figures = await world.figures();
        for (const { id, spent } of figures)
          expect(spent).toBeLessThanOrEqual((id === "t" ? team : key) + replicas * most);
        const total = figures.find(({ id }) => id === "t")?.spent ?? 0;
        expect(total).toBe(world.answered - world.lost);
        const [sums] = await world.get(0).reports.sums({}, []);
        const logs = await world.get(0).reports.logs({}, { page: 1, size: 1_000 });
        expect(sums?.requests).toBe(logs.total);
      } finally {
        await database.close();
      }
    }),
    { numRuns: 25 },
  );
});

it("lets the last of a budget be spent, although other replicas hold of it, and although some of them died", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ replica: replicaIndex, which: fc.nat(1) }), { minLength: 1, maxLength: 30 }),
      fc.array(replicaIndex, { maxLength: 2 }),
      async (asked, dead) => {
        const database = await openDatabase("sqlite::memory:");
        await migrate(database);
        try {
          const world = new Simulation(database);
          for (const { replica, which } of asked) await world.ask(replica, which);
          while (world.running.length > 0) world.answer(0, most / 2);
          for (let replica = 0; replica < replicas; replica += 1) await world.flush(replica);
          for (const replica of dead) world.die(replica);
          await passTime(world, (2 * deadAfter) / 1_000 + 10);
          // One replica can have it all now.
          let isRefused = false;
          for (let request = 0; request < 2 * (team / most) && !isRefused; request += 1)
            for (const which of [0, 1]) {
              const wasRefused = !(await world.ask(0, which));
              isRefused = wasRefused && which === 1;
              if (!wasRefused) world.answer(0, most);
              await world.flush(0);
            }
          const spent = (await world.figures()).find(({ id }) => id === "t")?.spent ?? 0;
          expect(spent).toBeGreaterThanOrEqual(team);
          expect(spent).toBeLessThan(team + most);
        } finally {
          await database.close();
        }
      },
    ),
    { numRuns: 15 },
  );
});

/** Every replica that lives does what is due each second. */
async function passTime(world: Simulation, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    world.now += 1_000;
    for (const spending of world.spendings) await spending.tidy();
  }
}
