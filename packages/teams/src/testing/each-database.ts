import { join } from "node:path";

import { afterAll, beforeAll, describe } from "vitest";

import { type PostgresqlServer, startPostgresqlServer } from "../../../../test/support/postgresql-server.ts";
import { needs } from "../../../../test/support/programs.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";

export interface DatabaseKind {
  readonly kind: "postgresql" | "sqlite";
  /** @returns the URL of a new, empty database that several processes can open */
  createDatabase(): Promise<string>;
  /** @throws Error for SQLite, which has no server */
  server(): PostgresqlServer;
}

/** Runs the tests with SQLite in a file, and with a PostgreSQL of their own. */
export function describeOnEachDatabase(name: string, tests: (database: DatabaseKind) => void): void {
  describe(`${name}, in SQLite`, () => {
    const folders: AsyncDisposable[] = [];
    afterAll(async () => {
      for (const folder of folders) await folder[Symbol.asyncDispose]();
    });
    tests({
      kind: "sqlite",
      async createDatabase() {
        const folder = await createFolder();
        folders.push(folder);
        return `sqlite:${join(folder.path, "teams.db")}`;
      },
      server: () => {
        throw new Error("SQLite has no server");
      },
    });
  });

  describe(`${name}, in PostgreSQL`, needs("postgresql"), () => {
    let server: PostgresqlServer | undefined;
    function running(): PostgresqlServer {
      if (!server) throw new Error("PostgreSQL was not started");
      return server;
    }
    beforeAll(async () => {
      server = await startPostgresqlServer();
    });
    afterAll(() => server?.stop());
    tests({ kind: "postgresql", createDatabase: () => running().createDatabase(), server: running });
  });
}
