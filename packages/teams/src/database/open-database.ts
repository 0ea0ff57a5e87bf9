import { Kysely, type Transaction } from "kysely";

import type { Tables } from "./tables.ts";
import { type Trouble, TroubleWatch } from "./trouble.ts";

export interface Database {
  readonly kind: "postgresql" | "sqlite";
  /** Single statements. Where the database is away, they throw `DheeraError` `unavailable`. */
  readonly db: Kysely<Tables>;
  /** Why the database cannot be used now, and since when; undefined where it can. */
  readonly trouble: Trouble | undefined;
  /**
   * All or nothing. In SQLite it has the file for itself, and statements of `db` in its midst would wait for ever: use `transaction`
   * alone. What conflicts with another transaction is tried again, so `work` must have no effect elsewhere.
   */
  transaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>;
  /**
   * Reads what may be much, two at a time, so that requests are not held up: in PostgreSQL on connections of their own, in SQLite in
   * processes of their own. A statement that takes too long is ended, which is no trouble of the database.
   * @throws DheeraError `timeout` that says what to ask for instead; `unavailable` where too many are made at once
   */
  report<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Of the processes that make reports; undefined where there are none, as in PostgreSQL. */
  reportFigures(): ReportFigures | undefined;
  /**
   * Deletes what may be much, by pieces that are transactions: in PostgreSQL on a connection of its own, and the server ends a statement
   * that takes too long, which is no trouble of the database. In SQLite requests have at least as much time between two pieces as the
   * piece took.
   * @throws DheeraError `timeout`; the pieces before it count
   */
  upkeep<T>(work: (piece: Database["transaction"]) => Promise<T>): Promise<T>;
  /** A transaction that may take minutes, for changes of tables: others have to be done within seconds. */
  patiently<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What is known of the processes that make reports of SQLite. */
export interface ReportFigures {
  /** How many run. */
  readonly processes: number;
  /** Reports that wait for one of them. */
  readonly waiting: number;
  /** Reports that nobody got: none became free in time (`refused`), they took too long (`timeout`), or their process was lost (`ended`). */
  readonly failed: Readonly<Record<"refused" | "timeout" | "ended", number>>;
}

export interface DatabaseOptions {
  /** Connections to PostgreSQL; 10 when absent. */
  readonly connections?: number | undefined;
  /** Seconds to wait for one; 5 when absent. */
  readonly connectionTimeout?: number | undefined;
  /** Seconds that a statement of a report may take, and in PostgreSQL one of upkeep; 8 when absent. */
  readonly reportTime?: number | undefined;
  /** Seconds after which a process that makes reports of SQLite is ended when nobody asks for one; 60 when absent. */
  readonly reportIdle?: number | undefined;
}

/** What connections to PostgreSQL are for that are not for anything that is done within seconds. */
export type Use = "reports" | "upkeep" | "changes of tables";

const reportsAtOnce = 2;

/**
 * Opens nothing yet: the first statement does.
 * @param url `postgresql://…`, or `sqlite:` and a path; `sqlite::memory:` keeps nothing
 * @throws Error naming `database_url` for any other, without quoting it: it has a password
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const watch = new TroubleWatch();
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { postgresqlDialect } = await import("./postgresql.ts");
    const open = (other: DatabaseOptions & { readonly use?: Use }): Kysely<Tables> =>
      new Kysely({ dialect: postgresqlDialect(url, watch, { ...options, ...other }) });
    const reports = open({ connections: reportsAtOnce, use: "reports" });
    return databaseOf("postgresql", open({}), watch, {
      report: (work) => reports.transaction().execute(work),
      reportFigures: () => undefined,
      async upkeep(work) {
        const own = open({ connections: 1, use: "upkeep" });
        return work((piece) => withRetries(() => own.transaction().execute(piece))).finally(() => own.destroy());
      },
      async patiently(work) {
        const patient = open({ connections: 1, use: "changes of tables" });
        return patient
          .transaction()
          .execute(work)
          .finally(() => patient.destroy());
      },
      closeOthers: () => reports.destroy(),
    });
  }
  if (url.startsWith("sqlite:") && url.length > "sqlite:".length) {
    const { openSqlite } = await import("./open-sqlite.ts");
    const { db, ...others } = openSqlite(url.slice("sqlite:".length), watch, { reportsAtOnce, ...options });
    return databaseOf("sqlite", db, watch, others);
  }
  throw new Error("database_url: must be postgresql://user:password@host/database, or sqlite:<path>");
}

/** For what is not done within seconds. */
export interface OtherConnections extends Pick<Database, "report" | "reportFigures" | "upkeep" | "patiently"> {
  closeOthers(): Promise<void>;
}

function databaseOf(
  kind: Database["kind"],
  db: Kysely<Tables>,
  watch: TroubleWatch,
  { closeOthers, ...others }: OtherConnections,
): Database {
  return {
    kind,
    db,
    get trouble() {
      return watch.trouble;
    },
    transaction: (work) => withRetries(() => db.transaction().execute(work)),
    ...others,
    async close() {
      await Promise.all([db.destroy(), closeOthers()]);
    },
  };
}

/** Deadlocks and conflicts of PostgreSQL, which only trying again resolves. */
async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if ((code !== "40001" && code !== "40P01") || attempt === 5) throw error;
    }
  }
}
