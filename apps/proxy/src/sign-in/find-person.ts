import type { Database } from "@dheera-ai/teams";

import { type Person, roleOf } from "./person.ts";

/** The user as they are now, with their teams; undefined where there is no such user, or it is blocked. */
export async function findPerson({ db }: Pick<Database, "db">, userId: string): Promise<Person | undefined> {
  const user = await db
    .selectFrom("dheera_users")
    .select(["user_id", "user_role", "blocked"])
    .where("user_id", "=", userId)
    .executeTakeFirst();
  if (!user || user.blocked !== 0) return undefined;
  const members = await db
    .selectFrom("dheera_members")
    .select(["team_id", "role"])
    .where("user_id", "=", userId)
    .orderBy("team_id")
    .execute();
  const managed = await db
    .selectFrom("dheera_organization_members")
    .select("organization_id")
    .where("user_id", "=", userId)
    .where("role", "=", "org_admin")
    .orderBy("organization_id")
    .execute();
  const organizations = managed.map(({ organization_id }) => organization_id);
  const ofOrganizations = await teamsOf({ db }, organizations);
  const own = members.filter(({ team_id }) => !ofOrganizations.includes(team_id));
  return {
    userId,
    name: userId,
    role: roleOf(user.user_role),
    teams: [
      ...own.map(({ team_id: teamId, role }) => ({ teamId, role: role === "admin" ? "admin" : "user" }) as const),
      ...ofOrganizations.map((teamId) => ({ teamId, role: "admin" }) as const),
    ],
    ...(organizations.length > 0 && { organizations }),
  };
}

async function teamsOf({ db }: Pick<Database, "db">, organizations: readonly string[]): Promise<readonly string[]> {
  if (organizations.length === 0) return [];
  const teams = await db
    .selectFrom("dheera_teams")
    .select("team_id")
    .where("organization_id", "in", organizations)
    .orderBy("team_id")
    .execute();
  return teams.map(({ team_id }) => team_id);
}
