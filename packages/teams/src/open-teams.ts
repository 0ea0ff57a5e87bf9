import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

import { DheeraError } from "@dheera-ai/core";

import { checkServer } from "./database/check-server.ts";
import { type Database, openDatabase } from "./database/open-database.ts";
import { followChanges } from "./grants/change-feed.ts";
import { sessionFinder } from "./grants/find-session.ts";
import { keepGrants } from "./grants/keep-grants.ts";
import { type Migrated, migrate } from "./migrations/migrate.ts";
import { makeAtOnce } from "./objects/at-once.ts";
import { createStores } from "./objects/create-stores.ts";
import { openSpending } from "./spending/open-spending.ts";
import { type Log, type Teams, teamsDefaults, type TeamsSettings } from "./teams.ts";

export interface OpenTeamsOptions {
  readonly log: Log;
  /** Of this release, for those who look into the database. */
  readonly version: string;
  /** Of this run of this process alone; a random one when absent. */
  readonly replicaId?: string;
}

/** Milliseconds for which a process that starts waits for a database that is away, as it is when both start at once. */
const patienceAtStart = 30_000;
const timeBetweenAttempts = 500;

/**
 * Opens the database and brings its tables up to date; waits half a minute where the database is away.
 * @throws Error naming `database_url` where it is wrong or the server is too old; DheeraError `unavailable` that says why where the
 * database is away
 */
export async function openTeams(given: TeamsSettings, options: OpenTeamsOptions): Promise<Teams> {
  const settings = { ...teamsDefaults, ...given };
  const { log, version, replicaId = randomUUID() } = options;
  const database = await openDatabase(settings.database_url, {
    connections: settings.database_connection_pool_limit,
    connectionTimeout: settings.database_connection_timeout,
  });
  try {
    const { made, newer } = await prepare(database, log);
    if (made.length > 0) log.info("made the tables of the database", { steps: made });
    if (newer.length > 0)
      log.warn("the database was made by a newer release; what it added is of no concern to this one", {
        steps: newer,
      });
    const feed = await followChanges(database);
    const spending = openSpending(database, settings, { log, replicaId, version });
    const written = (): Promise<void> => feed.catchUp().catch(() => {});
    return {
      database,
      stores: createStores(database, written),
      atOnce: makeAtOnce(database, written),
      grants: keepGrants(database, feed, {
        goOn: settings.allow_requests_on_db_unavailable,
        grace: settings.db_unavailable_grace,
      }),
      findSession: sessionFinder(database),
      spending,
      watch: (changed) =>
        feed.subscribe((changes) => {
          for (const { kind, id } of changes ?? []) changed(kind, id);
          if (changes === undefined) for (const kind of watchedKinds) changed(kind, "");
        }),
      get trouble() {
        return database.trouble;
      },
      async close() {
        feed.close();
        await spending.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function prepare(database: Database, log: Log): Promise<Migrated> {
  const end = performance.now() + patienceAtStart;
  for (let attempt = 1; ; attempt++)
    try {
      await checkServer(database);
      return await migrate(database);
    } catch (error) {
      const { trouble } = database;
      if (trouble === undefined) throw error;
      if (!trouble.mayPass || performance.now() > end)
        throw new DheeraError("unavailable", `database_url: the database cannot be used: ${trouble.reason}`, {
          cause: error,
        });
      if (attempt === 1) log.warn("the database is away; waiting for it", { reason: trouble.reason });
      await wait(timeBetweenAttempts);
    }
}

/** Where nobody can say what changed, anything may have. */
const watchedKinds = [
  "organization",
  "team",
  "user",
  "member",
  "organization_member",
  "key",
  "budget",
  "model",
  "webhook",
];
