import { type Teams, openTeams } from "@dheera-ai/teams";

import type { TestOptions } from "vitest";

import { type PostgresqlServer, startPostgresqlServer } from "../../../../../test/support/postgresql-server.ts";
import { needs } from "../../../../../test/support/programs.ts";
import { memoryLog } from "../../fixtures/memory-log.ts";

/** The kinds of databases that sessions are kept in. */
export const databaseKinds = ["sqlite", "postgresql"] as const;

/** PostgreSQL is a program, which may be missing. */
export function optionsOf(kind: (typeof databaseKinds)[number]): TestOptions {
  return kind === "postgresql" ? needs("postgresql") : {};
}

/** Empty databases of one kind, each with its teams. */
export interface Databases extends AsyncDisposable {
  open(): Promise<Teams>;
}

export async function startDatabases(kind: (typeof databaseKinds)[number]): Promise<Databases> {
  const server: PostgresqlServer | undefined = kind === "postgresql" ? await startPostgresqlServer() : undefined;
  const opened: Teams[] = [];
  return {
    async open() {
      const database_url = (await server?.createDatabase()) ?? "sqlite::memory:";
      const teams = await openTeams({ database_url, spend_journal: "" }, { log: memoryLog(), version: "1.0.0" });
      opened.push(teams);
      return teams;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((teams) => teams.close()));
      await server?.stop();
    },
  };
}
