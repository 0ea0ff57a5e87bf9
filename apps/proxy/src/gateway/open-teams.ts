import { isDheeraError } from "@dheera-ai/core";
import type { Teams, TeamsSettings } from "@dheera-ai/teams";

import type { GeneralSettings } from "../config/config.ts";
import type { Logger } from "../telemetry/telemetry.ts";
import { version } from "../version.ts";
import { type Shared, takeOver } from "./shared.ts";

interface OpenTeamsOptions {
  readonly log: Logger;
  /** Those of the gateway before. */
  readonly previous: Shared<Teams> | undefined;
}

/**
 * Opens the database of teams, or takes over what the gateway before has opened; undefined where none is configured, and then
 * nothing of it is loaded.
 * @throws Error naming `database_url`
 */
export async function openSharedTeams(
  settings: GeneralSettings,
  { log, previous }: OpenTeamsOptions,
): Promise<Shared<Teams> | undefined> {
  const wanted = teamsSettings(settings);
  return (
    wanted &&
    takeOver(previous, wanted, async (given) => {
      const { openTeams } = await import("@dheera-ai/teams");
      return openTeams(given, { log, version }).catch(refuse);
    })
  );
}

/** Callers hear nothing of hosts and files; the operator, who starts the proxy, must. */
function refuse(error: unknown): never {
  if (!isDheeraError(error) || error.code !== "unavailable") throw error;
  const { cause } = error;
  const reason = cause instanceof Error ? cause.message || ("code" in cause ? String(cause.code) : cause.name) : "";
  throw new Error(
    `general_settings.database_url: the database cannot be used (${reason}); check that it runs, that the address is right, and that its user may create tables`,
    { cause: error },
  );
}

function teamsSettings(settings: GeneralSettings): TeamsSettings | undefined {
  const { database_url, database_connection_pool_limit, database_connection_timeout } = settings;
  const { spend_journal, maximum_spend_logs_retention_period, maximum_audit_logs_retention_period } = settings;
  if (database_url === undefined) return undefined;
  return {
    database_url,
    allow_requests_on_db_unavailable: settings.allow_requests_on_db_unavailable,
    db_unavailable_grace: settings.db_unavailable_grace,
    disable_spend_logs: settings.disable_spend_logs,
    budget_warning_share: settings.budget_warning_share,
    ...(database_connection_pool_limit !== undefined && { database_connection_pool_limit }),
    ...(database_connection_timeout !== undefined && { database_connection_timeout }),
    ...(spend_journal !== undefined && { spend_journal }),
    ...(maximum_spend_logs_retention_period !== undefined && { maximum_spend_logs_retention_period }),
    ...(maximum_audit_logs_retention_period !== undefined && { maximum_audit_logs_retention_period }),
  };
}
