import { sql } from "kysely";
import { expect, it } from "vitest";

import { type Database, openDatabase } from "../database/open-database.ts";
import type { Stores } from "../objects/stores.ts";
import { toNanodollars } from "../money.ts";
import { makeAnswer } from "../spending/testing/answers.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams } from "../testing/opened-teams.ts";
import { appliedSteps, migrate, migrations } from "./migrate.ts";
import { readStatus } from "./status.ts";

const name = "9999-of-a-newer-release";
const master = { name: "master" };
const page = { page: 1, size: 10 };

describeOnEachDatabase("tables of a newer release", ({ createDatabase }) => {
  it.each(["while it runs", "before it starts"])("serve this one, when they were made %s", async (when) => {
    const url = await createDatabase();
    await using newer = await opened(url);
    const makeNewer = (): Promise<unknown> => migrate(newer, { ...migrations, [name]: { up: addToAll } });
    if (when === "before it starts") await makeNewer();
    await using teams = await openedTeams(url);
    await using other = await openedTeams(url);
    const { stores } = teams;

    // What has been read and written before must not be remembered as the tables were then.
    const before = await stores.keys.create(master, { key_alias: "before" });
    expect(await teams.grants.find(before.row.key_hash)).toMatchObject({ name: "before" });
    if (when === "while it runs") await makeNewer();
    expect(await readStatus(newer)).toMatchObject({ pending: [], newer: [name] });

    await manage(stores);
    const { row } = await stores.keys.create(master, { key_alias: "laptop", team_id: "research", user_id: "ada" });
    await write(newer, "dheera_keys", "key_alias", "laptop");
    await write(newer, "dheera_teams", "team_id", "research");
    expect(await stores.keys.update(master, row.key_hash, { rpm_limit: 5 })).toMatchObject({ rpm_limit: 5 });
    expect(await stores.keys.block(master, row.key_hash, true)).toMatchObject({ blocked: 1 });
    await stores.keys.block(master, row.key_hash, false);
    const rotated = await stores.keys.rotate(master, row.key_hash, 60);
    await stores.teams.update(master, "research", { tpm_limit: 7 });
    // What the newer release keeps there stays, whatever this one changes of the row.
    expect(await read(newer, "dheera_keys", "key_alias", "laptop")).toBe("kept");
    expect(await read(newer, "dheera_teams", "team_id", "research")).toBe("kept");

    const grant = await other.grants.find(rotated.row.key_hash);
    expect(grant?.owners.map(({ kind }) => kind)).toEqual(["key", "member", "user", "team", "organization"]);
    await spendAndReport(teams, grant?.owners ?? []);

    await stores.keys.block(master, rotated.row.key_hash, true);
    await expect
      .poll(() => other.grants.find(rotated.row.key_hash), { timeout: 60_000 })
      .toMatchObject({ blocked: "this key" });
    expect((await stores.audit.list({ object_id: row.key_hash }, page)).total).toBeGreaterThanOrEqual(5);
    expect(await stores.organizations.remove(master, ["acme"])).toEqual(["acme"]);
    expect(await stores.users.remove(master, ["ada"])).toEqual(["ada"]);
    expect(await appliedSteps(newer.db)).toContain(name);
  });
});

async function manage(stores: Stores): Promise<void> {
  await stores.budgets.create(master, { budget_id: "small", max_budget: 1 });
  await stores.organizations.create(master, { organization_id: "acme", budget_id: "small" });
  await stores.teams.create(master, { team_id: "research", organization_id: "acme", max_budget: 1 });
  await stores.users.create(master, { user_id: "ada" });
  await stores.members.set(master, "research", "ada", { role: "admin" });
  await stores.members.set(master, "research", "ada", { role: "user" });
  expect(await stores.members.ofUser("ada")).toMatchObject([{ team_id: "research", role: "user" }]);
  await stores.models.create(master, { model_id: "m", model_name: "bge", params: "{}", info: "{}" });
  await stores.models.update(master, "m", { model_name: "bge-2" });
  await stores.webhooks.create(master, { webhook_id: "w", url: "https://example.com/", format: "json" });
  for (const store of [
    stores.budgets,
    stores.organizations,
    stores.teams,
    stores.users,
    stores.models,
    stores.webhooks,
  ])
    expect((await store.list({}, page)).total).toBe(1);
  expect(await stores.models.remove(master, ["m"])).toEqual(["m"]);
}

async function spendAndReport(
  { spending }: Awaited<ReturnType<typeof openedTeams>>,
  owners: Parameters<typeof spending.reserve>[0],
): Promise<void> {
  const reservation = await spending.reserve(owners, toNanodollars(0.1));
  spending.book(makeAnswer({ owners, at: Date.now(), cost: 5_000 }), reservation);
  await expect.poll(() => spending.flush().then(async () => (await spending.reports.logs({}, page)).total)).toBe(1);
  expect(await spending.reports.sums({}, [])).toMatchObject([{ requests: 1, cost: 5_000 }]);
  expect(await spending.reports.spent("team", ["research"])).toMatchObject([{ spent: 5_000 }]);
  expect(await spending.reports.tags({})).toEqual([{ tag: "a", requests: 1, cost: 5_000 }]);
}

/** All that the rule allows: a column without a duty in every table, a table and an index. */
async function addToAll(db: Database["db"]): Promise<void> {
  for (const table of await db.introspection.getTables())
    if (table.name.startsWith("dheera_") && !table.name.startsWith("dheera_migrations"))
      await db.schema.alterTable(table.name).addColumn("of_a_newer_release", "text").execute();
  await db.schema.createTable("dheera_of_a_newer_release").addColumn("id", "text").execute();
  await db.schema.createIndex("of_a_newer_release").on("dheera_keys").column("of_a_newer_release").execute();
}

async function write({ db }: Database, table: string, column: string, id: string): Promise<void> {
  await sql`update ${sql.table(table)} set of_a_newer_release = 'kept' where ${sql.ref(column)} = ${id}`.execute(db);
}

async function read({ db }: Database, table: string, column: string, id: string): Promise<unknown> {
  const statement = sql<{ value: unknown }>`
    select of_a_newer_release as value from ${sql.table(table)} where ${sql.ref(column)} = ${id}`;
  return (await statement.execute(db)).rows[0]?.value;
}

async function opened(url: string): Promise<Database & AsyncDisposable> {
  const database = await openDatabase(url);
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}
