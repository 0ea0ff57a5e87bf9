import { sql, type Transaction } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

import type { Database } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { firstTables } from "./0001-first-tables.ts";
import { keysThatWereLimited } from "./0002-keys-that-were-limited.ts";
import { webhooks } from "./0003-webhooks.ts";
import { organizationMembers } from "./0004-organization-members.ts";
import { sourcesOfEvents } from "./0005-sources-of-events.ts";
import { keysInTheBackground } from "./0006-keys-in-the-background.ts";
import { rowsThatCostLess } from "./0007-rows-that-cost-less.ts";

/**
 * Each only adds tables and columns that older releases do not need to know, and adds and drops indexes, so that two releases can run on one
 * database.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-first-tables": firstTables,
  "0002-keys-that-were-limited": keysThatWereLimited,
  "0003-webhooks": webhooks,
  "0004-organization-members": organizationMembers,
  "0005-sources-of-events": sourcesOfEvents,
  "0006-keys-in-the-background": keysInTheBackground,
  "0007-rows-that-cost-less": rowsThatCostLess,
};

export interface Migrated {
  /** Steps that this call made. */
  readonly made: readonly string[];
  /** Steps of a newer release, which are of no concern to this one. */
  readonly newer: readonly string[];
}

/**
 * Brings the tables up to date. Of several processes one does it, and the others wait for it; a step that fails leaves nothing behind.
 * @throws DheeraError `unavailable` where the database is away
 */
export function migrate(
  database: Database,
  steps: Readonly<Record<string, Migration>> = migrations,
): Promise<Migrated> {
  return database.patiently(async (transaction) => {
    if (database.kind === "postgresql") await sql`select pg_advisory_xact_lock(${sql.lit(lock)})`.execute(transaction);
    const newer = (await appliedSteps(transaction)).filter((name) => !(name in steps));
    const migrator = new Migrator({
      db: transaction,
      provider: { getMigrations: () => Promise.resolve({ ...steps, ...Object.fromEntries(newer.map(unknownStep)) }) },
      migrationTableName: table,
      migrationLockTableName: `${table}_lock`,
      allowUnorderedMigrations: true,
    });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return { made: results.map(({ migrationName }) => migrationName), newer };
  });
}

/** Any number that no other program on the same database takes: these are the bytes of `dheera`. */
const lock = 0x64_68_65_65_72_61;
const table = "dheera_migrations";

/** In their order; none where the database is empty. */
export async function appliedSteps(db: Transaction<Tables> | Database["db"]): Promise<readonly string[]> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === table)) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** The migrator refuses to go on where a step was made that it does not know. */
function unknownStep(name: string): [string, Migration] {
  return [name, { up: () => Promise.reject(new Error(`${name} is a step of a newer release`)) }];
}
