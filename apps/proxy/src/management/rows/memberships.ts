import type { MemberRow, OrganizationMemberRow } from "@dheera-ai/teams";

import type { Call } from "../call.ts";

type Members = ReadonlyMap<string, readonly MemberRow[]>;
type Asking = Pick<Call, "teams" | "warn">;

/** Members of one answer, whatever number of teams it is of. */
export const mostMembers = 10_000;

/** The members of several teams, by team: the first ten thousand, and a warning where there are more. */
export async function membersOfTeams(call: Asking, ids: readonly string[]): Promise<Members> {
  const rows = await readMembers(call, "team_id", ids);
  return Map.groupBy(rows, ({ team_id }) => team_id);
}

/** What several users are members of, by user; bounded alike. */
export async function membershipsOfUsers(call: Asking, ids: readonly string[]): Promise<Members> {
  const rows = await readMembers(call, "user_id", ids);
  return Map.groupBy(rows, ({ user_id }) => user_id);
}

/** The members of an organization; bounded alike. */
export async function membersOfOrganization(
  { teams, warn }: Asking,
  id: string,
): Promise<readonly OrganizationMemberRow[]> {
  const rows = await teams.database.db
    .selectFrom("dheera_organization_members")
    .selectAll()
    .where("organization_id", "=", id)
    .orderBy("user_id")
    .limit(mostMembers + 1)
    .execute();
  if (rows.length > mostMembers) warn(tooMany("members", users("organization_id")));
  return rows.slice(0, mostMembers);
}

/** Ids of one query: databases take no list of any length. */
const mostIds = 500;

async function readMembers(
  { teams, warn }: Asking,
  column: "team_id" | "user_id",
  ids: readonly string[],
): Promise<readonly MemberRow[]> {
  const rows: MemberRow[] = [];
  for (let from = 0; from < ids.length && rows.length <= mostMembers; from += mostIds)
    rows.push(
      ...(await teams.database.db
        .selectFrom("dheera_members")
        .selectAll()
        .where(column, "in", ids.slice(from, from + mostIds))
        .orderBy(column)
        .orderBy(column === "team_id" ? "user_id" : "team_id")
        .limit(mostMembers + 1 - rows.length)
        .execute()),
    );
  if (rows.length <= mostMembers) return rows;
  const remedy = { team_id: users("team_id"), user_id: "list them with /v2/team/list and user_id" } as const;
  warn(tooMany(column === "team_id" ? "members" : "teams of users", remedy[column]));
  return rows.slice(0, mostMembers);
}

/** Admins of teams and organizations may not list users. */
function users(of: "team_id" | "organization_id"): string {
  return `ask a proxy admin to list them with /user/list and ${of}`;
}

function tooMany(name: string, remedy: string): string {
  return `${name}: these are the first ${mostMembers}, and there are more; ${remedy}`;
}
