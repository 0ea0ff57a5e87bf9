import { isDheeraError } from "@dheera-ai/core";
import type { Stores, Teams } from "@dheera-ai/teams";

import type { NamedIds } from "./identity.ts";

/** What of the teams is needed to keep memberships. */
export interface TeamKeeper extends Pick<Teams, "database"> {
  readonly stores: { readonly members: Pick<Stores["members"], "set" | "remove" | "ofUser"> };
}

export interface KeepTeamsOptions {
  /** Whether the provider alone says who is in a team: memberships that it does not name end, with the keys for that team. */
  readonly leavesOthers: boolean;
}

/**
 * Makes a user a member of the teams that the provider names, as far as they exist. Who is a member already keeps role and limits.
 * Nothing ends because of what could not be read: keys that are deleted do not come back.
 * @param named undefined where the provider says nothing of teams: then nothing changes
 */
export async function keepTeams(
  teams: TeamKeeper,
  userId: string,
  named: NamedIds | undefined,
  { leavesOthers }: KeepTeamsOptions,
): Promise<void> {
  if (named === undefined) return;
  const { members } = teams.stores;
  const now = new Set((await members.ofUser(userId)).map(({ team_id }) => team_id));
  for (const teamId of await existing(teams, named.ids)) if (!now.has(teamId)) await add(members, teamId, userId);
  if (!leavesOthers || !named.areAll) return;
  const kept = new Set(named.ids);
  for (const teamId of now) if (!kept.has(teamId)) await members.remove(actor, teamId, [userId]);
}

const actor = { name: "sso" };

/** A team may be deleted meanwhile, which keeps nobody from signing in. */
async function add(members: TeamKeeper["stores"]["members"], teamId: string, userId: string): Promise<void> {
  try {
    await members.set(actor, teamId, userId, {});
  } catch (error) {
    if (!isDheeraError(error) || error.code !== "invalid_request") throw error;
  }
}

async function existing({ database }: TeamKeeper, teamIds: readonly string[]): Promise<readonly string[]> {
  if (teamIds.length === 0) return [];
  const rows = await database.db
    .selectFrom("dheera_teams")
    .select("team_id")
    .where("team_id", "in", teamIds)
    .orderBy("team_id")
    .execute();
  return rows.map(({ team_id }) => team_id);
}
