import type { MemberRow, Teams } from "@dheera-ai/teams";

type Members = ReadonlyMap<string, readonly MemberRow[]>;

/** The members of several teams, by team. */
export async function membersOfTeams(teams: Pick<Teams, "database">, ids: readonly string[]): Promise<Members> {
  const rows = await readMembers(teams, "team_id", ids);
  return Map.groupBy(rows, ({ team_id }) => team_id);
}

/** What several users are members of, by user. */
export async function membershipsOfUsers(teams: Pick<Teams, "database">, ids: readonly string[]): Promise<Members> {
  const rows = await readMembers(teams, "user_id", ids);
  return Map.groupBy(rows, ({ user_id }) => user_id);
}

/** Ids of one query: databases take no list of any length. */
const mostIds = 500;

async function readMembers(
  { database: { db } }: Pick<Teams, "database">,
  column: "team_id" | "user_id",
  ids: readonly string[],
): Promise<readonly MemberRow[]> {
  const rows: MemberRow[] = [];
  for (let from = 0; from < ids.length; from += mostIds)
    rows.push(
      ...(await db
        .selectFrom("dheera_members")
        .selectAll()
        .where(column, "in", ids.slice(from, from + mostIds))
        .orderBy("team_id")
        .orderBy("user_id")
        .execute()),
    );
  return rows;
}
