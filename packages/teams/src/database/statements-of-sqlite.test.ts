import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";

import { sql } from "kysely";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { addWebhook } from "../events/testing/webhooks.ts";
import { recordEvent } from "../events/record-event.ts";
import { tellExpiring } from "../events/expiring-keys.ts";
import { openOutbox } from "../events/outbox.ts";
import { removeOldDeliveries } from "../events/remove-old.ts";
import { runIn } from "../spending/lane.ts";
import { removeOld } from "../spending/reports/retention.ts";
import { makeSpending } from "../spending/open-spending.ts";
import { makeAnswer, makeOwner, noon } from "../spending/testing/answers.ts";
import { openedTeams, silent } from "../testing/opened-teams.ts";
import { deleteInRanges } from "./delete-in-ranges.ts";
import { type Database, openDatabase } from "./open-database.ts";

afterEach(() => vi.restoreAllMocks());

const operator = { name: "master" };
const page = { page: 1, size: 10 };
/** Tables that grow as long as the proxy serves, or with the number of keys and people. */
const long =
  /\b(dheera_(spend_\w+|spent|audit|changes|deliveries|events|keys|users|members|organization_members|sessions))\b/;
/** The first of a table in the order in which it is stored. */
const firstAlone = /from dheera_\w+( where \w+ < [^)]*\))? order by (rowid|"?sequence"?) limit \d+/;

it("reads no long table from its beginning to its end in the process that answers requests", async () => {
  const { url, path } = await makePlace();
  const prepared = new Set<string>();
  const prepare = DatabaseSync.prototype.prepare;
  vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (this: DatabaseSync, text, ...options) {
    prepared.add(text);
    return prepare.call(this, text, ...options);
  });
  await useAll(url);
  expect(prepared.size).toBeGreaterThan(60);

  const reading = new DatabaseSync(path, { readOnly: true });
  const scanning: string[] = [];
  for (const text of prepared) {
    if (!/^\s*(select|with|insert|update|delete)/i.test(text)) continue;
    const steps = prepare.call(reading, `explain query plan ${text}`).all();
    const scans = steps
      .map(({ detail }) => String(detail))
      .filter((detail) => detail.startsWith("SCAN") && long.test(detail));
    if (scans.length > 0 && !firstAlone.test(text)) scanning.push(`${scans.join("; ")}: ${text}`);
  }
  reading.close();
  expect(scanning).toEqual([]);
});

it("deletes what no index finds by pieces, although the file is put in order between them", async () => {
  const { url } = await makePlace();
  const database = await openDatabase(url);
  onTestFinished(() => database.close());
  await sql`create table dheera_events (event_key text primary key, kept_until bigint)`.execute(database.db);
  await sql`insert into dheera_events with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000)
    select 'event ' || i, i % 3 from n`.execute(database.db);
  await sql`delete from dheera_events where rowid % 7 = 0 or rowid < 1000`.execute(database.db);
  const count = async (condition: ReturnType<typeof sql>): Promise<number | undefined> =>
    (await sql<{ count: number }>`select count(*) as count from dheera_events where ${condition}`.execute(database.db))
      .rows[0]?.count;
  const [matching, others] = [await count(sql`kept_until = 1`), await count(sql`kept_until <> 1`)];
  let pieces = 0;
  const piece: Database["transaction"] = async (work) => {
    const done = await database.transaction(work);
    if (pieces++ % 4 === 0) await sql`vacuum`.execute(database.db);
    return done;
  };
  const removed = await deleteInRanges(piece, "dheera_events", sql`kept_until = 1`);
  expect(removed).toBe(matching);
  expect([await count(sql`kept_until = 1`), await count(sql`kept_until <> 1`)]).toEqual([0, others]);
  expect(pieces).toBeGreaterThan(8);
  expect(await deleteInRanges(piece, "dheera_events", sql`kept_until = 1`, () => false)).toBe(0);
  await sql`delete from dheera_events`.execute(database.db);
  expect(await deleteInRanges(piece, "dheera_events", sql`kept_until = 1`)).toBe(0);
});

async function makePlace(): Promise<{ readonly url: string; readonly path: string }> {
  const folder = await createFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const path = join(folder.path, "teams.db");
  return { path, url: `sqlite:${path}` };
}

/** All that a process does with its database. */
async function useAll(url: string): Promise<void> {
  await using teams = await openedTeams(url, { spend_journal: "" });
  const { stores, database, grants } = teams;
  await stores.budgets.create(operator, { budget_id: "small", max_budget: 1 });
  await stores.organizations.create(operator, { organization_id: "acme", budget_id: "small" });
  await stores.teams.create(operator, { team_id: "research", organization_id: "acme", max_budget: 1 });
  await stores.users.create(operator, { user_id: "ada", user_email: "ada@example.com" });
  await stores.members.set(operator, "research", "ada", { role: "admin" });
  await stores.organizationMembers.set(operator, "acme", "ada", { role: "org_admin" });
  await stores.models.create(operator, { model_id: "m", model_name: "bge", params: "{}", info: "{}" });
  const { row } = await stores.keys.create(operator, {
    key_alias: "laptop",
    team_id: "research",
    user_id: "ada",
    max_budget: 0.00001,
    expires: Date.now() + 86_400_000,
  });
  await stores.keys.update(operator, row.key_hash, { rpm_limit: 5 });
  const rotated = await stores.keys.rotate(operator, row.key_hash, 60);
  const grant = await grants.find(rotated.row.key_hash);
  await grants.find(row.key_hash);
  await teams.findSession("nobody's");
  await stores.members.ofTeam("research");
  await stores.members.ofUser("ada");
  await stores.organizationMembers.ofUser("ada");
  for (const list of [stores.keys, stores.teams, stores.users, stores.organizations, stores.budgets, stores.models])
    await list.list({}, page);
  await stores.audit.list({}, page);

  await addWebhook(database, "w");
  const spending = makeSpending(
    database,
    { database_url: url, spend_journal: "", maximum_spend_logs_retention_period: "1d" },
    { log: silent, replicaId: "r", version: "1", now: () => noon },
  );
  const owners = grant?.owners ?? [makeOwner("key", row.key_id)];
  for (let time = 0; time < 3; time++) {
    const reservation = await Promise.resolve(spending.reserve(owners, 1_000)).catch(() => undefined);
    spending.book(makeAnswer({ owners, key_hash: row.key_id, team_id: "research" }), reservation);
    await spending.flush();
    await spending.tidy();
  }
  await spending.reports.sums({}, ["day"]);
  await spending.reports.logs({ key_hash: row.key_id }, page);
  await spending.reports.tags({});
  await spending.reports.spent("key", [row.key_id]);
  await removeOld(database, { logs: 1, audit: 1 }, noon + 1_000_000);
  await spending.remove(operator, { kind: "key", id: row.key_id, before: noon });
  await spending.remove(operator, { kind: "team", id: "research" });
  await spending.close();

  await tellExpiring(database, [7], Date.now);
  await database.transaction((own) => recordEvent(runIn(own), "sqlite", event, Date.now));
  const outbox = openOutbox(database, Date.now);
  await outbox.due();
  for (const claimed of await outbox.claim("w", 10, 1_000)) await outbox.finish(claimed, { status: "delivered" });
  await removeOldDeliveries(database, 1, Date.now);

  await stores.keys.block(operator, rotated.row.key_hash, true);
  await stores.members.remove(operator, "research", ["ada"]);
  await stores.users.remove(operator, ["ada"]);
  await stores.organizations.remove(operator, ["acme"]);
  await stores.budgets.remove(operator, ["small"]);
}

const event = {
  key: "one",
  type: "budget.nearly_spent",
  at: noon,
  source: "key:k",
  message: "A budget is nearly spent.",
  fields: { event: "budget_nearly_spent", event_group: "key" },
} as const;
