import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sql } from "kysely";
import { expect, it } from "vitest";

import { type Database, openDatabase } from "../database/open-database.ts";
import { forgetAudit } from "../objects/forget-audit.ts";
import { openTeams } from "../open-teams.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { migrate, migrations } from "./migrate.ts";
import { readStatus } from "./status.ts";

const all = Object.keys(migrations);
const newerStep = { "9999-of-a-newer-release": { up: addColumn } };

describeOnEachDatabase("migrations", ({ kind, createDatabase }) => {
  it("make the tables once, and say what there is to do", async () => {
    await using database = await opened(await createDatabase());
    expect(await readStatus(database)).toMatchObject({ applied: [], pending: all, newer: [], isSupported: true });
    expect(await migrate(database)).toEqual({ made: all, newer: [] });
    expect(await migrate(database)).toEqual({ made: [], newer: [] });
    expect(await readStatus(database)).toEqual({
      server: expect.stringMatching(kind === "sqlite" ? /^SQLite 3\.\d+/ : /^PostgreSQL \d\d/),
      isSupported: true,
      applied: all,
      pending: [],
      newer: [],
    });
  });

  it("are made by one of four processes that start at once", async () => {
    const url = await createDatabase();
    const made = await Promise.all(Array.from({ length: 4 }, () => migrateInProcess(url)));
    expect(made.toSorted((one, other) => other.length - one.length)).toEqual([all, [], [], []]);
  });

  it("leave nothing of a step that fails, and go on from there", async () => {
    await using database = await opened(await createDatabase());
    await migrate(database);
    const broken = { ...migrations, "0002-broken": { up: addColumnAndFail } };
    await expect(migrate(database, broken)).rejects.toThrow("the step is broken");
    expect(await readStatus(database)).toMatchObject({ applied: all, newer: [] });
    expect(await migrate(database, { ...migrations, ...newerStep })).toMatchObject({
      made: ["9999-of-a-newer-release"],
    });
  });

  it("let an older release run on the tables of a newer one, which says so", async () => {
    const url = await createDatabase();
    await using database = await opened(url);
    await migrate(database, { ...migrations, ...newerStep });
    const warned: unknown[] = [];
    const log = { info() {}, error() {}, warn: (...line: unknown[]) => void warned.push(line) };
    const teams = await openTeams({ database_url: url, spend_journal: "" }, { log, version: "0.9.0" });
    const { key, row } = await teams.stores.keys.create({ name: "master" }, { key_alias: "laptop" });
    expect(key).toMatch(/^sk-/);
    expect(await teams.stores.keys.update({ name: "master" }, row.key_hash, { rpm_limit: 5 })).toMatchObject({
      rpm_limit: 5,
    });
    await teams.close();
    expect(warned).toEqual([[expect.stringContaining("newer release"), { steps: ["9999-of-a-newer-release"] }]]);
    expect(await readStatus(database)).toMatchObject({ pending: [], newer: ["9999-of-a-newer-release"] });
  });

  it("leave SQLite, and not PostgreSQL, without indexes for which each answer would pay; a release of before needs none", async () => {
    await using database = await opened(await createDatabase());
    const names = Object.entries(migrations);
    const before = Object.fromEntries(names.filter(([name]) => name < "0007"));
    await migrate(database, before);
    await sql`insert into dheera_spend_logs (request_id, call_id, at, key_hash, key_name, tags, model, status, documents, tokens, cache_hits,
      milliseconds) values ('1', 'c', 1, 'k', 'sk-', '[]', 'm', 200, 1, 1, 0, 1), ('2', 'c', 2, 'j', 'sk-', '[]', 'm', 200, 1, 1, 0, 1)`.execute(
      database.db,
    );
    expect(await indexesOfLogs(database)).toEqual(["by_key_hash", "by_team_id", "by_time"]);
    await migrate(database);
    expect(await indexesOfLogs(database)).toEqual(
      kind === "sqlite" ? ["by_time"] : ["by_key_hash", "by_team_id", "by_time"],
    );
    // As the release of before has it.
    expect(await migrate(database, before)).toEqual({ made: [], newer: ["0007-rows-that-cost-less"] });
    const deleted = await sql`delete from dheera_spend_logs where request_id in (
      select request_id from dheera_spend_logs where key_hash = 'k' limit 1000)`.execute(database.db);
    expect(deleted.numAffectedRows).toBe(1n);
    const { rows } = await sql`select request_id from dheera_spend_logs where key_hash = 'j' order by at desc`.execute(
      database.db,
    );
    expect(rows).toEqual([{ request_id: "2" }]);
  });

  it("make an audit log that nobody can change, and only retention can shorten", async () => {
    await using database = await opened(await createDatabase());
    await migrate(database);
    const row = { actor: "master", action: "created", kind: "key", object_id: "k", before: null, after: null };
    for (const at of [1, 2, 3])
      await database.db
        .insertInto("dheera_audit")
        .values({ ...row, id: String(at), at })
        .execute();
    const refused = "the audit log is append only";
    await expect(database.db.updateTable("dheera_audit").set({ actor: "nobody" }).execute()).rejects.toThrow(refused);
    await expect(database.db.deleteFrom("dheera_audit").where("at", "=", 2).execute()).rejects.toThrow(refused);
    if (kind === "postgresql") await expect(sql`truncate dheera_audit`.execute(database.db)).rejects.toThrow(refused);
    expect(await forgetAudit(database, 3)).toBe(2);
    await expect(database.db.deleteFrom("dheera_audit").execute()).rejects.toThrow(refused);
    expect(await database.db.selectFrom("dheera_audit").select("at").execute()).toEqual([{ at: 3 }]);
  });
});

async function indexesOfLogs({ kind, db }: Database): Promise<readonly string[]> {
  const statement =
    kind === "sqlite"
      ? sql<{ name: string }>`select name from sqlite_master where type = 'index' and tbl_name = 'dheera_spend_logs'`
      : sql<{ name: string }>`select indexname as name from pg_indexes where tablename = 'dheera_spend_logs'`;
  const { rows } = await statement.execute(db);
  return rows.flatMap(({ name }) => /^dheera_spend_logs_(by_.*)$/.exec(name)?.[1] ?? []).toSorted();
}

async function opened(url: string): Promise<Database & AsyncDisposable> {
  const database = await openDatabase(url);
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}

async function addColumn(db: Database["db"]): Promise<void> {
  await db.schema.alterTable("dheera_keys").addColumn("of_a_newer_release", "text").execute();
}

async function addColumnAndFail(db: Database["db"]): Promise<void> {
  await addColumn(db);
  throw new Error("the step is broken");
}

async function migrateInProcess(url: string): Promise<unknown[]> {
  const program = fileURLToPath(new URL("../testing/migrate-once.ts", import.meta.url));
  const child = spawn(process.execPath, ["-C", "source", program, url], { stdio: ["ignore", "pipe", "inherit"] });
  const said = await child.stdout.toArray();
  if (child.exitCode === null) await once(child, "exit");
  expect(child.exitCode).toBe(0);
  return JSON.parse(Buffer.concat(said).toString());
}
