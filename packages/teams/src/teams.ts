import type { Database } from "./database/open-database.ts";
import type { FindSession } from "./grants/find-session.ts";
import type { AtOnce } from "./objects/at-once.ts";
import type { Grants, Stores } from "./objects/stores.ts";
import type { Spending } from "./spending/spending.ts";

/** Log lines of what happens beside requests. */
export interface Log {
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Settings of `general_settings`, under their names there. */
export interface TeamsSettings {
  readonly database_url: string;
  /** Connections to PostgreSQL of each process; reports and lists have two more. */
  readonly database_connection_pool_limit?: number;
  /** Seconds. */
  readonly database_connection_timeout?: number;
  /** Keys that are known go on while the database is away; `teamsDefaults` says whether when absent. */
  readonly allow_requests_on_db_unavailable?: boolean;
  /** Seconds for which they do. */
  readonly db_unavailable_grace?: number;
  /**
   * Folder of the journal of what could not be booked, which several processes may share; `~/.local/state/dheera_ai/spend` when absent, none
   * when empty.
   */
  readonly spend_journal?: string;
  readonly disable_spend_logs?: boolean;
  /** The share of a budget from which it is nearly spent, where it has no soft limit; 0.85 when absent, never from 1 on. */
  readonly budget_warning_share?: number;
  /** `30d`: older answers are deleted, hourly; sums of days stay. All stay when absent. */
  readonly maximum_spend_logs_retention_period?: string;
  /** `365d`: older rows of the audit log are deleted, hourly. All stay when absent. */
  readonly maximum_audit_logs_retention_period?: string;
}

/** What holds where a setting is absent. The proxy's configuration says the same by a test: it is read before anything of a database is loaded. */
export const teamsDefaults: Required<Pick<TeamsSettings, "allow_requests_on_db_unavailable" | "db_unavailable_grace">> =
  {
    allow_requests_on_db_unavailable: true,
    db_unavailable_grace: 3_600,
  };

/** Organizations, teams, users and keys in a database, with their budgets and what they spent. */
export interface Teams {
  readonly database: Database;
  readonly stores: Stores;
  /**
   * Makes several changes one: all or none of them count. `work` uses what it is given alone, because in SQLite others wait for its end; it
   * may be run again, so it has no effect elsewhere.
   */
  readonly atOnce: AtOnce;
  readonly grants: Grants;
  readonly findSession: FindSession;
  readonly spending: Spending;
  /**
   * Calls `changed` for each kind and id that any replica changed, within a second; for each kind with an empty id where it cannot be said
   * what changed. It must not throw.
   */
  watch(changed: (kind: string, id: string) => void): () => void;
  /** Why the database cannot be used now, and since when; undefined where it can. */
  readonly trouble: { readonly reason: string; readonly since: number } | undefined;
  close(): Promise<void>;
}
