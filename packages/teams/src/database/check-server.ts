import { sql } from "kysely";

import type { Database } from "./open-database.ts";

/** What is at the other end. */
export interface ServerVersion {
  /** As it calls itself: `14.23`. */
  readonly name: string;
  readonly isSupported: boolean;
}

const oldestPostgresql = 14;

export async function readVersion({ kind, db }: Database): Promise<ServerVersion> {
  if (kind === "sqlite") {
    const { rows } = await sql<{ version: string }>`select sqlite_version() as version`.execute(db);
    return { name: `SQLite ${rows[0]?.version ?? ""}`, isSupported: true };
  }
  const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db);
  return postgresqlVersion(rows[0]?.server_version ?? "");
}

/** @param version `14.23 (Debian 14.23-1.pgdg12+1)`, `18beta1` */
export function postgresqlVersion(version: string): ServerVersion {
  const number = /^[\d.]+/.exec(version)?.[0] ?? "";
  return { name: `PostgreSQL ${number}`, isSupported: Number.parseInt(number, 10) >= oldestPostgresql };
}

/** @throws Error naming `database_url` where the server is too old */
export async function checkServer(database: Database): Promise<void> {
  const { name, isSupported } = await readVersion(database);
  if (!isSupported)
    throw new Error(`database_url: ${name} is too old; PostgreSQL ${oldestPostgresql} or newer is needed`);
}
