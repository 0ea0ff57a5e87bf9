import { truncate } from "node:fs/promises";
import { join } from "node:path";

import { DheeraError } from "@dheera-ai/core";
import { describe, expect, it, onTestFinished } from "vitest";

import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { type Database, openDatabase } from "../../database/open-database.ts";
import { migrate } from "../../migrations/migrate.ts";
import type { Account } from "../budgets/account.ts";
import { openAccounts } from "../budgets/accounts.ts";
import { openJournal } from "../journal/journal.ts";
import { type Lane, openLane } from "../lane.ts";
import { makeAnswer, makeOwner, noon } from "../testing/answers.ts";
import { openQueue, type Queue } from "./queue.ts";

const cost = 5_000;

describe("answers on their way into the database", () => {
  const owners = [makeOwner("team", "t", { max: 9, since: 0 })];

  interface Opened {
    readonly database: Database;
    readonly queue: Queue;
    readonly account: Account;
    readonly logged: string[];
    /** What the next transactions throw before they do anything; null: they are made. */
    fails: Error | null;
    push(model?: string): void;
  }

  async function open(folder?: string): Promise<Opened> {
    const database = await openDatabase("sqlite::memory:");
    onTestFinished(() => database.close());
    await migrate(database);
    const [account] = openAccounts().chainOf(owners, noon).all;
    if (account === undefined) throw new Error("no account");
    account.held = 1_000_000_000;
    const whole = openLane(database);
    const lane: Lane = {
      ...whole,
      transact: (work) => (opened.fails === null ? whole.transact(work) : Promise.reject(opened.fails)),
    };
    const logged: string[] = [];
    const note = (message: string): void => void logged.push(message);
    const log = { info: note, warn: note, error: note };
    const queue = openQueue({
      lane,
      kind: "sqlite",
      replicaId: "one",
      journal: openJournal({ folder, replicaId: "one", database: "d", log }),
      log,
      withLogs: true,
      warnsAt: 1,
      isAutomatic: false,
      patience: 60_000,
      now: () => noon,
      onBooked: () => {},
      onRefused: () => Promise.resolve(),
    });
    const opened: Opened = {
      database,
      queue,
      account,
      logged,
      fails: null,
      push(model = "m") {
        account.unbooked += cost;
        queue.push({ answered: makeAnswer({ owners, model }), accounts: [account], cost });
      },
    };
    return opened;
  }

  async function answersIn({ db }: Database): Promise<number> {
    return (await db.selectFrom("dheera_spend_logs").select("request_id").execute()).length;
  }

  const away = new DheeraError("unavailable", "the database cannot be used now");

  it("leave the budget when they are lost because there is no room to keep them", async () => {
    const opened = await open();
    opened.fails = away;
    const pushed = 106_000;
    for (let answer = 0; answer < pushed; answer += 1) opened.push();
    await opened.queue.flush();
    const kept = opened.queue.stop();
    expect(kept).toBeLessThan(pushed);
    expect(opened.logged).toContain("answers are lost, because the database is away and there is no room to keep them");
    expect(opened.account).toMatchObject({ unbooked: kept * cost, isDoubtful: true });
    opened.fails = null;
    await opened.queue.flush();
    expect(opened.account.unbooked).toBe(0);
  });

  it("leave the budget when they are lost because the journal cannot be read", async () => {
    await using folder = await createFolder();
    const opened = await open(folder.path);
    opened.fails = away;
    for (let batch = 0; batch < 20; batch += 1) {
      opened.push();
      await opened.queue.flush();
    }
    await truncate(join(folder.path, "one.spend.jsonl"), 10);
    opened.fails = null;
    await opened.queue.retry();
    expect(opened.logged).toContain("a batch of answers is lost, because the journal cannot be read");
    const booked = await answersIn(opened.database);
    expect(booked).toBeLessThan(20);
    expect(opened.account).toMatchObject({ unbooked: 0, held: 1_000_000_000 - 20 * cost, isDoubtful: true });
  });

  it.each([
    ["unavailable", away],
    ["SQLSTATE 40P01", Object.assign(new Error("deadlock detected"), { code: "40P01" })],
    ["SQLSTATE 42P01", Object.assign(new Error("relation does not exist"), { code: "42P01" })],
  ])("wait where the database says %s, and are booked after", async (_, error) => {
    const opened = await open();
    opened.fails = error;
    opened.push();
    await opened.queue.flush();
    await opened.queue.flush();
    expect(await answersIn(opened.database)).toBe(0);
    opened.fails = null;
    await opened.queue.retry();
    expect(await answersIn(opened.database)).toBe(1);
    expect(opened.account.unbooked).toBe(0);
    const told = opened.logged.filter((message) => message.startsWith("answers wait, because the database refuses"));
    expect(told).toHaveLength(error.message.startsWith("relation") ? 1 : 0);
  });

  it.each([
    ["a TypeError", new TypeError("undefined is not a function")],
    ["SQLSTATE 54000", Object.assign(new Error("index row size exceeds maximum"), { code: "54000" })],
  ])("let those behind them through when %s comes of them", async (_, error) => {
    const opened = await open();
    opened.fails = error;
    opened.push();
    await opened.queue.flush();
    opened.fails = null;
    opened.push();
    await opened.queue.flush();
    expect(await answersIn(opened.database)).toBe(1);
    expect(opened.account.unbooked).toBe(0);
  });
});
