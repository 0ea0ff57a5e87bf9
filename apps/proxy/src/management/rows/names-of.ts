import type { Teams } from "@dheera-ai/teams";

export interface KeyNames {
  readonly key_alias: string | null;
  readonly key_name: string;
  readonly team_id: string | null;
}

/** Ids of one query: databases take no list of any length. */
const mostIds = 500;

/** What keys are called, by the ids that they are booked under; those that were deleted are missing. */
export async function namesOfKeys(
  { database: { db } }: Pick<Teams, "database">,
  ids: readonly string[],
): Promise<ReadonlyMap<string, KeyNames>> {
  const names = new Map<string, KeyNames>();
  for (let from = 0; from < ids.length; from += mostIds) {
    const rows = await db
      .selectFrom("dheera_keys")
      .select(["key_id", "key_alias", "key_name", "team_id"])
      .where("key_id", "in", ids.slice(from, from + mostIds))
      .execute();
    for (const { key_id: id, ...known } of rows) names.set(id, known);
  }
  return names;
}

/** The aliases of teams; those without one are missing. */
export async function aliasesOfTeams(
  { database: { db } }: Pick<Teams, "database">,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const aliases = new Map<string, string>();
  for (let from = 0; from < ids.length; from += mostIds) {
    const rows = await db
      .selectFrom("dheera_teams")
      .select(["team_id", "team_alias"])
      .where("team_id", "in", ids.slice(from, from + mostIds))
      .execute();
    for (const { team_id: id, team_alias: alias } of rows) if (alias !== null) aliases.set(id, alias);
  }
  return aliases;
}
