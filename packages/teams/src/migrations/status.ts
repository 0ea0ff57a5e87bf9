import { readVersion } from "../database/check-server.ts";
import type { Database } from "../database/open-database.ts";
import { appliedSteps, migrations } from "./migrate.ts";

/** How the tables of a database are, beside what this release knows. */
export interface DatabaseStatus {
  /** `PostgreSQL 14.23`, `SQLite 3.51.0`. */
  readonly server: string;
  readonly isSupported: boolean;
  /** Steps that were made, in their order. */
  readonly applied: readonly string[];
  /** Steps that this release would make. */
  readonly pending: readonly string[];
  /** Steps of a newer release, beside which this one runs. */
  readonly newer: readonly string[];
}

/**
 * Changes nothing.
 * @throws DheeraError `unavailable` where the database is away
 */
export async function readStatus(database: Database): Promise<DatabaseStatus> {
  const { name, isSupported } = await readVersion(database);
  const applied = await appliedSteps(database.db);
  return {
    server: name,
    isSupported,
    applied,
    pending: Object.keys(migrations).filter((step) => !applied.includes(step)),
    newer: applied.filter((step) => !(step in migrations)),
  };
}
