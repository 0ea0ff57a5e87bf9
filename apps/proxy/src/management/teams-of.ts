import { DheeraError } from "@dheera-ai/core";
import type { Teams } from "@dheera-ai/teams";

import type { Gateway } from "../gateway/gateway.ts";

/** @throws DheeraError `invalid_request` saying what to set where there is no database */
export function teamsOf({ teams }: Pick<Gateway, "teams">): Teams {
  if (teams) return teams;
  throw new DheeraError(
    "invalid_request",
    "keys, teams, users and budgets need a database: set general_settings.database_url, to sqlite:dheera.db for one process on this machine or to postgresql://user:password@host/database for several, and restart",
  );
}
