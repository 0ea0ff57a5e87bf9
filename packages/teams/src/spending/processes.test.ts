import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../../../../test/support/postgresql-server.ts";
import { needs } from "../../../../test/support/programs.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { type Database, openDatabase } from "../database/open-database.ts";
import { migrate } from "../migrations/migrate.ts";
import { makeSpending } from "./open-spending.ts";
import type { SpenderOrder } from "./testing/spender.ts";

const program = fileURLToPath(new URL("testing/spender.ts", import.meta.url));
const cent = 10_000_000;

describe("four processes on one PostgreSQL", needs("postgresql"), () => {
  let server: PostgresqlServer;
  let database: Database;
  let folder: string;
  let url: string;
  const after: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    server = await startPostgresqlServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const created = await createFolder();
    after.push(async () => created[Symbol.asyncDispose]());
    folder = created.path;
    url = await server.createDatabase();
    database = await openDatabase(url, { connectionTimeout: 2 });
    after.push(() => database.close());
    await migrate(database);
  });
  afterEach(async () => {
    for (const end of after.splice(0).toReversed()) await end();
  });

  function start(replicaId: string, order: Partial<SpenderOrder>): { child: ChildProcess; ended: Promise<string> } {
    const whole: SpenderOrder = {
      url,
      journal: join(folder, "journal"),
      replicaId,
      answers: join(folder, `${replicaId}.answers`),
      budget: 0.01,
      most: cent,
      leastCost: cent,
      parallel: 50,
      requests: 1,
      endsWhenSpent: true,
      takes: 20,
      ...order,
    };
    const child = spawn(process.execPath, ["-C", "source", program, JSON.stringify(whole)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    after.push(async () => child.kill("SIGKILL"));
    return { child, ended: text(child.stdout) };
  }

  async function answersOf(replicaId: string): Promise<readonly { readonly id: string; readonly at: number }[]> {
    const lines = (await readFile(join(folder, `${replicaId}.answers`), "utf8").catch(() => "")).trim().split("\n");
    return lines
      .filter((line) => line !== "")
      .map((line) => {
        const [id = "", at = ""] = line.split(" ");
        return { id, at: Number(at) };
      });
  }

  async function spentByKey(): Promise<number> {
    const rows = await database.db.selectFrom("dheera_spent").select("spent").where("owner_kind", "=", "key").execute();
    return rows[0]?.spent ?? 0;
  }

  it("let a key with one cent left spend it, and at most one request each beyond it, of 200 requests of a cent at one time", async () => {
    const ended = await Promise.all(["a", "b", "c", "d"].map((id) => start(id, {}).ended));
    const answered = ended.map((said) => JSON.parse(said.split("\n")[1] ?? "").answered);
    const total = answered.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(1);
    expect(total).toBeLessThanOrEqual(4);
    expect(await spentByKey()).toBe(total * cent);
  });

  it("spend a budget to its end, whoever gets how much of it, and at most one request each beyond it", async () => {
    const most = 1_000;
    const order = { budget: 0.002, most, leastCost: 100, parallel: 10, requests: 100_000, takes: 1 };
    await Promise.all(["a", "b", "c", "d"].map((id) => start(id, order).ended));
    const spent = await spentByKey();
    expect(spent).toBeGreaterThanOrEqual(2_000_000);
    expect(spent).toBeLessThanOrEqual(2_000_000 + 4 * most);
  });

  it("book every answer once while one is killed and PostgreSQL starts anew, but for the last of the one that was killed", async () => {
    const ids = ["a", "b", "c", "d"];
    const order = {
      budget: 1_000,
      most: 1_000,
      leastCost: 100,
      parallel: 4,
      requests: 600,
      endsWhenSpent: false,
      takes: 10,
    };
    const started = ids.map((id) => start(id, order));
    await eventually(async () => (await answersOf("a")).length > 300).toBe(true);
    started[0]?.child.kill("SIGKILL");
    const killedAt = Date.now();
    await eventually(async () => (await answersOf("b")).length > 500).toBe(true);
    await server.kill();
    const wereAt = (await answersOf("c")).length;
    await eventually(async () => (await answersOf("c")).length > wereAt + 50).toBe(true);
    await server.start();
    await Promise.all(started.map(({ ended }) => ended));
    const spending = makeSpending(
      database,
      { database_url: url, spend_journal: join(folder, "journal") },
      { log: { info: () => {}, warn: () => {}, error: () => {} }, replicaId: "heir", version: "1" },
    );
    await spending.tidy();
    await spending.close();

    const rows = await database.db.selectFrom("dheera_spend_logs").select(["request_id", "cost"]).execute();
    const booked = new Set(rows.map(({ request_id }) => request_id));
    expect(booked.size).toBe(rows.length);
    for (const id of ["b", "c", "d"])
      expect((await answersOf(id)).filter((answer) => !booked.has(answer.id))).toEqual([]);
    const ofKilled = await answersOf("a");
    const lost = ofKilled.filter(({ id }) => !booked.has(id));
    // What is lost is the end: the batches before it are booked.
    expect(lost.map(({ id }) => id).toSorted()).toEqual(
      ofKilled
        .slice(ofKilled.length - lost.length)
        .map(({ id }) => id)
        .toSorted(),
    );
    console.log(
      `killed with ${ofKilled.length} answers: ${lost.length} lost, the oldest ${killedAt - (lost[0]?.at ?? killedAt)} ms old`,
    );
    expect(await spentByKey()).toBe(rows.reduce((sum, { cost }) => sum + (cost ?? 0), 0));
    const days = await database.db.selectFrom("dheera_spend_days").select("requests").execute();
    expect(days.reduce((sum, { requests }) => sum + requests, 0)).toBe(rows.length);
  });
});
