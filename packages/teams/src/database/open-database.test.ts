import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { inspect } from "node:util";

import { sql } from "kysely";
import { expect, it } from "vitest";

import { describeOnEachDatabase } from "../testing/each-database.ts";
import { postgresqlVersion } from "./check-server.ts";
import { type Database, type DatabaseOptions, openDatabase } from "./open-database.ts";

it.each(["mysql://user:hunter2@host/db", "hunter2", "", "sqlite:", "postgres:hunter2"])(
  "refuses %j as a database, and does not quote it",
  async (url) => {
    const error: unknown = await openDatabase(url).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(
      /^Error: database_url: must be postgresql:\/\/user:password@host\/database, or sqlite:/,
    );
    expect(inspect(error)).not.toContain("hunter2");
  },
);

it("refuses a URL that is none, and does not quote its password", async () => {
  const error: unknown = await openDatabase("postgresql://user:hunter%2@host:port/db").catch(
    (reason: unknown) => reason,
  );
  expect(String(error)).toContain("database_url: is not a URL");
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("hunter");
});

it("names the file of a certificate that is not there", async () => {
  const url = "postgresql://user:hunter2@host/db?sslmode=verify-full&sslrootcert=/nowhere/authority.pem";
  const error: unknown = await openDatabase(url).catch((reason: unknown) => reason);
  expect(String(error)).toContain("database_url: the file /nowhere/authority.pem that it names cannot be read");
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("hunter2");
});

it.each([
  ["13.23", false],
  ["9.6.24", false],
  ["14.23 (Debian 14.23-1.pgdg12+1)", true],
  ["18beta1", true],
  ["CockroachDB", false],
])("PostgreSQL %s: supported is %s", (version, isSupported) => {
  expect(postgresqlVersion(version).isSupported).toBe(isSupported);
});

describeOnEachDatabase("a database", ({ kind, createDatabase }) => {
  it("undoes a transaction that throws, and goes on with the next", async () => {
    await using database = await opened(await createDatabase());
    await sql`create table numbers (number bigint)`.execute(database.db);
    const work = database.transaction(async (transaction) => {
      await sql`insert into numbers values (1)`.execute(transaction);
      throw new Error("changed my mind");
    });
    await expect(work).rejects.toThrow("changed my mind");
    const largest = Number.MAX_SAFE_INTEGER;
    await database.transaction((transaction) => sql`insert into numbers values (${largest})`.execute(transaction));
    expect((await sql`select * from numbers`.execute(database.db)).rows).toEqual([{ number: largest }]);
  });

  it("says of a statement that is wrong what is wrong, and is not in trouble for it", async () => {
    await using database = await opened(await createDatabase());
    await expect(sql`select * from nothing`.execute(database.db)).rejects.toThrow(/nothing/);
    expect(database.trouble).toBeUndefined();
  });

  it("reads a table as it is now by a statement that it read it by before, although another process changed it", async () => {
    const url = await createDatabase();
    await using database = await opened(url);
    await using other = await opened(url);
    await sql`create table numbers (number bigint)`.execute(other.db);
    const readAll = (): Promise<unknown> => sql`select * from numbers`.execute(database.db).then(({ rows }) => rows);
    expect(await readAll()).toEqual([]);
    await sql`alter table numbers add column name text`.execute(other.db);
    await sql`insert into numbers values (1, 'one')`.execute(other.db);
    expect(await readAll()).toEqual([{ number: 1, name: "one" }]);
    await sql`drop table numbers`.execute(other.db);
    await sql`create table numbers (name text)`.execute(other.db);
    expect(await readAll()).toEqual([]);
    for (let length = 1; length < 150; length += 1)
      await sql`select ${sql.raw("1 + ".repeat(length))} 1 as sum`.execute(database.db);
    expect(await readAll()).toEqual([]);
  });

  it("lets transactions wait for each other, in one process and in another", async () => {
    const url = await createDatabase();
    await using one = await opened(url);
    await using other = await opened(url);
    await sql`create table counter (value bigint)`.execute(one.db);
    await sql`insert into counter values (0)`.execute(one.db);
    await Promise.all(
      Array.from({ length: 40 }, (_, number) =>
        (number % 2 === 0 ? one : other).transaction(async (transaction) => {
          await sql`update counter set value = value`.execute(transaction);
          const { rows } = await sql<{ value: number }>`select value from counter`.execute(transaction);
          await sql`update counter set value = ${(rows[0]?.value ?? 0) + 1}`.execute(transaction);
        }),
      ),
    );
    expect((await sql`select value from counter`.execute(other.db)).rows).toEqual([{ value: 40 }]);
  });

  it("answers requests while reports take every connection that they may have", async () => {
    await using database = await opened(await createDatabase(), { connections: 1, connectionTimeout: 3 });
    const ends: (() => void)[] = [];
    const begun: Promise<void>[] = [];
    const made = Array.from({ length: 2 }, () => {
      const { promise: end, resolve } = Promise.withResolvers<void>();
      const { promise: begin, resolve: begins } = Promise.withResolvers<void>();
      ends.push(resolve);
      begun.push(begin);
      return database.report(async (db) => {
        await sql`select 1`.execute(db);
        begins();
        await end;
      });
    });
    await Promise.all(begun);
    await expect(database.report((db) => sql`select 1`.execute(db))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("too many reports"),
    });
    expect((await sql`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
    expect(database.trouble).toBeUndefined();
    for (const end of ends) end();
    await Promise.all(made);
  });

  it("is not away because a report takes too long, and nobody works on it any longer", async () => {
    const endless =
      kind === "postgresql"
        ? sql`select pg_sleep(600)`
        : sql`with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n`;
    const url = await createDatabase();
    await using database = await opened(url, {
      reportTime: kind === "postgresql" ? 0.2 : 2,
      // The third waits for one of the first two, however long a process takes to start.
      connectionTimeout: 60,
    });
    const reports = Array.from({ length: 3 }, () =>
      database.report((db) => endless.execute(db)).catch((error: unknown) => error),
    );
    for (const error of await Promise.all(reports))
      expect(error).toMatchObject({
        code: "timeout",
        retryable: false,
        message: expect.stringContaining("ask for a shorter time, for fewer rows"),
      });
    expect(database.trouble).toBeUndefined();
    if (kind === "postgresql") {
      const running = sql`select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'`;
      expect((await running.execute(database.db)).rows).toEqual([]);
    }
    const { rows } = await database.report((db) => sql`select 1 as one`.execute(db));
    expect(rows).toEqual([{ one: 1 }]);
  });

  if (kind === "sqlite")
    it("can be read by nobody else on the machine", async () => {
      const url = await createDatabase();
      await using database = await opened(url);
      await sql`create table numbers (number bigint)`.execute(database.db);
      for (const file of ["", "-wal", "-shm"])
        expect((await stat(`${url.slice("sqlite:".length)}${file}`)).mode & 0o777).toBe(0o600);
    });

  if (kind === "postgresql") {
    it("is not away because this process waits for its own connections, while the server answers those that have one", async () => {
      await using database = await opened(await createDatabase(), { connections: 1, connectionTimeout: 3 });
      const done = new AbortController();
      const { promise: begun, resolve: begins } = Promise.withResolvers<void>();
      const busy = database.transaction(async (transaction) => {
        while (!done.signal.aborted) {
          await sql`select 1`.execute(transaction);
          begins();
        }
      });
      await begun;
      const refused = await sql`select 1`.execute(database.db).catch((error: unknown) => error);
      expect(database.trouble).toBeUndefined();
      done.abort();
      expect(refused).toMatchObject({ code: "unavailable", message: expect.stringContaining("too much is asked") });
      await busy;
    });

    it("says nothing of connections that were cut while nobody used them, and begins nothing twice", async () => {
      const url = await createDatabase();
      await using database = await opened(url, { connections: 4 });
      await sql`create table counted (number integer)`.execute(database.db);
      const select = (): Promise<unknown> => sql`select pg_sleep(0.05)`.execute(database.db);
      const insert = (): Promise<unknown> =>
        database.transaction((transaction) => sql`insert into counted values (1)`.execute(transaction));
      for (let round = 1; round <= 3; round++) {
        await Promise.all([select(), select(), select(), select()]);
        cutConnections(url);
        await Promise.all([select(), insert(), select(), insert()]);
        const { rows } = await sql<{ count: number }>`select count(*) as count from counted`.execute(database.db);
        expect(rows).toEqual([{ count: 2 * round }]);
      }
      expect(database.trouble).toBeUndefined();
    });

    it("is not held up by a process that hangs in the midst of a transaction", async () => {
      const url = await createDatabase();
      await using hanging = await opened(url);
      await using other = await opened(url);
      await sql`create table counter (value bigint)`.execute(other.db);
      await sql`insert into counter values (0)`.execute(other.db);
      const { promise: locked, resolve: hasLock } = Promise.withResolvers<void>();
      const { promise: end, resolve: goOn } = Promise.withResolvers<void>();
      const hung = hanging
        .transaction(async (transaction) => {
          await sql`update counter set value = 1`.execute(transaction);
          hasLock();
          await end;
          await sql`update counter set value = 2`.execute(transaction);
        })
        .then(
          () => "committed",
          () => "ended by the server",
        );
      await locked;
      // The server ends one of the two waits, and the lock is free then.
      await expect
        .poll(() =>
          other.db
            .transaction()
            .execute((own) => sql`update counter set value = 3`.execute(own))
            .then(() => "done", String),
        )
        .toBe("done");
      goOn();
      expect(await hung).toBe("ended by the server");
      expect((await sql`select value from counter`.execute(other.db)).rows).toEqual([{ value: 3 }]);
    });
  }
});

/** While this process stands still, so that it hears of it from the connections alone. */
function cutConnections(url: string): void {
  const program = `
    import pg from "pg";
    const client = new pg.Client(process.argv[1]);
    await client.connect();
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
    await client.end();`;
  execFileSync(process.execPath, ["--input-type=module", "--eval", program, url], { cwd: import.meta.dirname });
}

async function opened(url: string, options: DatabaseOptions = {}): Promise<Database & AsyncDisposable> {
  const database = await openDatabase(url, options);
  return {
    ...database,
    get trouble() {
      return database.trouble;
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}
