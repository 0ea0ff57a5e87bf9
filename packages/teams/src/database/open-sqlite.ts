import { setTimeout as wait } from "node:timers/promises";

import { Kysely, sql } from "kysely";

import type { DatabaseOptions, OtherConnections } from "./open-database.ts";
import { readingDialect } from "./reader/dialect.ts";
import { Readers } from "./reader/readers.ts";
import { inMemory } from "./sqlite-file.ts";
import { sqliteDialect } from "./sqlite.ts";
import type { Tables } from "./tables.ts";
import type { TroubleWatch } from "./trouble.ts";

interface SqliteOptions extends DatabaseOptions {
  readonly reportsAtOnce: number;
}

/** @param path `:memory:` for none */
export function openSqlite(
  path: string,
  watch: TroubleWatch,
  options: SqliteOptions,
): OtherConnections & { readonly db: Kysely<Tables> } {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(path, watch) });
  const { report, reportFigures, closeOthers } =
    path === inMemory ? reportsHere(db) : reportsElsewhere(db, path, watch, options);
  return {
    db,
    report,
    reportFigures,
    upkeep: (work) =>
      work(async (piece) => {
        const begun = performance.now();
        const done = await db.transaction().execute(piece);
        await wait(performance.now() - begun);
        return done;
      }),
    patiently: (work) => db.transaction().execute(work),
    closeOthers,
  };
}

type Reports = Pick<OtherConnections, "report" | "reportFigures" | "closeOthers">;

/** Nobody else can see what is in memory. */
function reportsHere(db: Kysely<Tables>): Reports {
  return { report: (work) => work(db), reportFigures: () => undefined, closeOthers: () => Promise.resolve() };
}

function reportsElsewhere(db: Kysely<Tables>, path: string, watch: TroubleWatch, options: SqliteOptions): Reports {
  const { reportsAtOnce: atOnce, connectionTimeout = 5, reportTime = 8, reportIdle = 60 } = options;
  const times = { patience: connectionTimeout * 1000, time: reportTime * 1000, idle: reportIdle * 1000 };
  const readers = new Readers(path, { atOnce, ...times });
  const reports = new Kysely<Tables>({ dialect: readingDialect(readers, watch, times.time) });
  let isMade = false;
  return {
    async report(work) {
      // Who only reads cannot make the file.
      if (!isMade) await sql`select 1`.execute(db);
      isMade = true;
      return reports.connection().execute(work);
    },
    reportFigures: () => readers.figures(),
    closeOthers: () => reports.destroy(),
  };
}
