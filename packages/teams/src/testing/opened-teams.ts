import { openTeams, type OpenTeamsOptions } from "../open-teams.ts";
import type { Log, Teams, TeamsSettings } from "../teams.ts";

export const silent: Log = { info() {}, warn() {}, error() {} };

/** Teams that are closed at the end of the test: `await using`. */
export async function openedTeams(
  url: string,
  settings: Partial<TeamsSettings> = {},
  options: Partial<OpenTeamsOptions> = {},
): Promise<Teams & AsyncDisposable> {
  const teams = await openTeams(
    { database_url: url, spend_journal: "", ...settings },
    { log: silent, version: "1.0.0", ...options },
  );
  return {
    ...teams,
    get trouble() {
      return teams.trouble;
    },
    [Symbol.asyncDispose]: () => teams.close(),
  };
}
