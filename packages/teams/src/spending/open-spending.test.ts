import { afterEach, expect, it } from "vitest";

import { type Database, openDatabase } from "../database/open-database.ts";
import type { TeamRow } from "../database/tables.ts";
import { migrate } from "../migrations/migrate.ts";
import { budgets, teams } from "../objects/kinds.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { makeSpending } from "./open-spending.ts";
import { addWebhook, toldOf } from "../events/testing/webhooks.ts";
import type { TeamsSettings } from "../teams.ts";
import type { Spending } from "./spending.ts";
import { makeAnswer, makeOwner, noon } from "./testing/answers.ts";

describeOnEachDatabase("spending", ({ createDatabase }) => {
  const opened: Database[] = [];
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });

  async function openWithTables(): Promise<Database> {
    const database = await openDatabase(await createDatabase());
    opened.push(database);
    await migrate(database);
    return database;
  }

  it("books an answer to its key, its day and its owners, once", async () => {
    const database = await openWithTables();
    const spending = open(database);
    const owners = [makeOwner("key", "k"), makeOwner("team", "t", { max: 1, since: 0, duration: "1d" })];
    spending.book(makeAnswer({ owners, cost: 5_000, request_id: "one" }), await spending.reserve(owners, 7_000));
    spending.book(makeAnswer({ owners, cost: null, request_id: "two" }), await spending.reserve(owners, 7_000));
    await spending.flush();
    await spending.flush();
    const { db } = database;
    expect(
      await db.selectFrom("dheera_spend_logs").select(["request_id", "cost", "tags"]).orderBy("request_id").execute(),
    ).toEqual([
      { request_id: "one", cost: 5_000, tags: '["a"]' },
      { request_id: "two", cost: null, tags: '["a"]' },
    ]);
    expect(await db.selectFrom("dheera_spend_days").selectAll().execute()).toEqual([
      expect.objectContaining({ day: "2026-11-27", requests: 2, cost: 5_000, unknown_costs: 1, documents: 8 }),
    ]);
    expect(
      await db
        .selectFrom("dheera_spent")
        .select(["owner_kind", "window_start", "spent"])
        .orderBy("owner_kind")
        .orderBy("window_start")
        .execute(),
    ).toEqual([
      { owner_kind: "key", window_start: 0, spent: 12_000 },
      { owner_kind: "team", window_start: 0, spent: 12_000 },
      { owner_kind: "team", window_start: Date.UTC(2026, 10, 27), spent: 12_000 },
    ]);
    expect(owners.map((of) => spending.knownSpent(of))).toEqual([12_000, 12_000]);
  });

  it("lets one of 50 requests of a key with a cent left through, where each may cost a cent", async () => {
    const spending = open(await openWithTables());
    const owners = [makeOwner("key", "k", { max: 0.01, since: 0 })];
    const cent = 10_000_000;
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, async (_, index) => {
        const reservation = await spending.reserve(owners, cent);
        spending.book(makeAnswer({ owners, cost: cent, request_id: String(index) }), reservation);
      }),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await spending.flush();
    expect(spending.knownSpent(owners[0] ?? makeOwner("key", ""))).toBe(cent);
  });

  it("puts on its way once that a budget is nearly spent, and that it is, whatever replica finds it", async () => {
    const database = await openWithTables();
    await addWebhook(database, "w");
    const spendings = ["one", "two"].map((replicaId) => open(database, { replicaId }));
    const owners = [makeOwner("key", "k", { max: 1e-5, soft: 5e-6, since: 0 })];
    for (const [index, spending] of [...spendings, ...spendings].entries()) {
      spending.book(makeAnswer({ owners, cost: 3_000, request_id: String(index) }));
      await spending.flush();
    }
    expect(await toldOf(database)).toEqual([
      expect.objectContaining({
        type: "budget.nearly_spent",
        event: "soft_budget_crossed",
        spend: 6e-6,
        soft_budget: 5e-6,
      }),
      expect.objectContaining({ type: "budget.spent", event: "budget_crossed", spend: 1.2e-5, max_budget: 1e-5 }),
    ]);
  });

  it("warns at a share of budgets that have no soft limit, and again in the next time", async () => {
    const database = await openWithTables();
    await addWebhook(database, "w");
    let at = noon;
    const spending = open(database, { settings: { budget_warning_share: 0.5 }, now: () => at });
    await keepTeam(database, "t", { max_budget: 1e-5, budget_duration: "1d" });
    const owners = [makeOwner("team", "t", { max: 1e-5, duration: "1d", since: 0 })];
    for (const day of [0, 1]) {
      at = noon + day * 86_400_000;
      for (const cost of [4_999, 1, 1])
        spending.book(makeAnswer({ owners, cost, at, request_id: `${day} ${cost} ${Math.random()}` }));
      await spending.flush();
    }
    expect(await toldOf(database)).toEqual(
      ["2026-11-28", "2026-11-29"].map((day) =>
        expect.objectContaining({
          type: "budget.nearly_spent",
          event: "threshold_crossed",
          team_id: "t",
          budget_reset_at: `${day}T00:00:00.000Z`,
        }),
      ),
    );
    await keepTeam(database, "u", { max_budget: 1e-5 });
    const never = open(database, { replicaId: "two", settings: { budget_warning_share: 1 } });
    never.book(makeAnswer({ owners: [makeOwner("team", "u", { max: 1e-5, since: 0 })], cost: 9_999 }));
    await never.flush();
    expect(await toldOf(database)).toHaveLength(2);
  });

  it("tells of a budget as it is, whatever a replica knew of it that has not heard of the change", async () => {
    const database = await openWithTables();
    await addWebhook(database, "w");
    const [behind, current] = ["one", "two"].map((replicaId) => open(database, { replicaId }));
    const spend = async (spending: Spending | undefined, max: number, cost: number): Promise<void> => {
      const owners = ["own", "shared"].map((id) => makeOwner("team", id, { max, since: 0 }));
      spending?.book(makeAnswer({ owners, cost }));
      await spending?.flush();
    };
    await database.db
      .insertInto("dheera_budgets")
      .values({ ...budgets.empty("b", "master", 1), max_budget: 100 })
      .execute();
    await keepTeam(database, "own", { max_budget: 100 });
    await keepTeam(database, "shared", { budget_id: "b" });
    await spend(current, 100, 5e9);
    for (let turn = 0; turn < 3; turn++) {
      await spend(behind, 1, 1);
      await spend(current, 100, 1);
    }
    expect(await toldOf(database), "it was raised").toEqual([]);
    await database.db.updateTable("dheera_teams").set({ max_budget: 2 }).where("team_id", "=", "own").execute();
    for (let turn = 0; turn < 3; turn++) {
      await spend(behind, 100, 1);
      await spend(current, 2, 1);
    }
    expect(await toldOf(database), "it was lowered").toEqual([
      expect.objectContaining({ type: "budget.nearly_spent", team_id: "own", max_budget: 2 }),
      expect.objectContaining({ type: "budget.spent", team_id: "own", max_budget: 2 }),
    ]);
    await database.db.deleteFrom("dheera_teams").execute();
    await spend(current, 1, 1);
    expect(await toldOf(database), "it is gone").toHaveLength(2);
  });

  it("tells of a key of the configuration once for each budget that replicas have it with", async () => {
    const database = await openWithTables();
    await addWebhook(database, "w");
    const [behind, current] = ["one", "two"].map((replicaId) => open(database, { replicaId }));
    for (let turn = 0; turn < 3; turn++)
      for (const [spending, max] of [
        [behind, 1],
        [current, 100],
      ] as const) {
        spending?.book(makeAnswer({ owners: [makeOwner("key", "k", { max, since: 0 })], cost: 5e9 }));
        await spending?.flush();
      }
    expect((await toldOf(database)).map(({ type, max_budget }) => [type, max_budget])).toEqual([
      ["budget.nearly_spent", 1],
      ["budget.spent", 1],
    ]);
  });

  it("tells nothing of a time of a budget that is over when it is booked, nor of a budget of nothing", async () => {
    const database = await openWithTables();
    await addWebhook(database, "w");
    let at = noon;
    const spending = open(database, { now: () => at });
    const duration = { budget_duration: "1d" } as const;
    await keepTeam(database, "t", { max_budget: 1e-5, ...duration });
    await keepTeam(database, "nothing", { max_budget: 0, ...duration });
    await keepTeam(database, "warned", { soft_budget: 0, ...duration });
    const days = { duration: "1d", since: 0 };
    const book = (): void =>
      spending.book(
        makeAnswer({
          owners: [
            makeOwner("key", "k", { max: 1e-5, ...days }),
            makeOwner("team", "t", { max: 1e-5, ...days }),
            makeOwner("team", "nothing", { max: 0, ...days }),
            makeOwner("team", "warned", { soft: 0, ...days }),
          ],
          cost: 20_000,
        }),
      );
    book();
    at += 86_400_000;
    await spending.flush();
    expect(await toldOf(database)).toEqual([]);
    book();
    await spending.flush();
    const told = await toldOf(database);
    expect(told.map(({ event_group }) => event_group).toSorted()).toEqual(["key", "key", "team", "team"]);
    expect(told.map(({ team_id }) => team_id)).not.toContain("nothing");
    expect(told.map(({ team_id }) => team_id)).not.toContain("warned");
  });
});

async function keepTeam({ db }: Database, id: string, given: Partial<TeamRow>): Promise<void> {
  await db
    .insertInto("dheera_teams")
    .values({ ...teams.empty(id, "master", 0), ...given })
    .execute();
}

interface Given {
  readonly replicaId?: string;
  readonly settings?: Partial<TeamsSettings>;
  readonly now?: () => number;
}

function open(database: Database, { settings, ...given }: Given = {}): Spending {
  return makeSpending(
    database,
    { database_url: "sqlite::memory:", spend_journal: "", ...settings },
    { log: console, replicaId: "one", version: "1.0.0", now: () => noon, ...given },
  );
}
