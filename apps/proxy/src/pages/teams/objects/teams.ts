import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import { amount, sum, text } from "../calls/values.ts";
import { type Limited, asLimited, limitFields } from "./limits.ts";
import type { ListQuery, Listed } from "./listed.ts";

export interface Team extends Limited {
  readonly id: string;
  /** Its alias, else its id. */
  readonly name: string;
  readonly alias: string | undefined;
  readonly organizationId: string | undefined;
  readonly members: readonly Member[];
}

export interface Member {
  readonly userId: string;
  /** `admin` or `user`. */
  readonly role: string;
  /** US dollars that this member may spend of the team's. */
  readonly budget: number | undefined;
  /** US dollars. */
  readonly spend: number;
}

const teamObject = v.object({
  ...limitFields,
  team_id: v.string(),
  team_alias: text,
  organization_id: text,
  members_with_roles: v.nullish(v.array(v.object({ user_id: text, user_email: text, role: text }))),
});

const membership = v.object({ user_id: v.string(), spend: sum, max_budget_in_team: amount });

const teamPage = v.object({ teams: v.array(teamObject), total: sum });
const teamInfo = v.object({ team_info: teamObject, team_memberships: v.nullish(v.array(membership)) });

export async function listTeams(
  client: ManagementClient,
  { page, size, search }: ListQuery,
  filter: { readonly organization_id?: string } = {},
): Promise<Listed<Team>> {
  const query = { ...filter, page, page_size: size, search };
  const { teams, total } = await client.read("v2/team/list", teamPage, query);
  return { rows: teams.map((team) => asTeam(team)), total };
}

export async function teamOf(client: ManagementClient, id: string): Promise<Team> {
  const { team_info, team_memberships } = await client.read("team/info", teamInfo, { team_id: id });
  return asTeam(team_info, team_memberships ?? []);
}

/** @param values fields of LiteLLM's `/team/new` @returns its id */
export async function makeTeam(client: ManagementClient, values: object): Promise<string> {
  return (await client.change("team/new", values, v.object({ team_id: v.string() }))).team_id;
}

export async function updateTeam(client: ManagementClient, { id }: Team, values: object): Promise<void> {
  await client.change("team/update", { team_id: id, ...values }, v.unknown());
}

/** Blocks it, or lets its keys in again where it is blocked. */
export async function blockTeam(client: ManagementClient, { id, isBlocked }: Team): Promise<void> {
  await client.change(isBlocked ? "team/unblock" : "team/block", { team_id: id }, v.unknown());
}

export async function deleteTeam(client: ManagementClient, { id }: Team): Promise<void> {
  await client.change("team/delete", { team_ids: [id] }, v.unknown());
}

export interface MemberValues {
  readonly userId: string;
  readonly role: string;
  /** US dollars; null: no budget of their own. */
  readonly budget: number | null;
}

export async function addMember(client: ManagementClient, { id }: Team, values: MemberValues): Promise<void> {
  const { userId: user_id, role, budget } = values;
  const body = { team_id: id, member: { user_id, role }, ...(budget !== null && { max_budget_in_team: budget }) };
  await client.change("team/member_add", body, v.unknown());
}

export async function updateMember(client: ManagementClient, { id }: Team, values: MemberValues): Promise<void> {
  const { userId: user_id, role, budget } = values;
  await client.change("team/member_update", { team_id: id, user_id, role, max_budget_in_team: budget }, v.unknown());
}

export async function removeMember(client: ManagementClient, { id }: Team, userId: string): Promise<void> {
  await client.change("team/member_delete", { team_id: id, user_id: userId }, v.unknown());
}

function asTeam(
  given: v.InferOutput<typeof teamObject>,
  memberships: readonly v.InferOutput<typeof membership>[] = [],
): Team {
  const spending = new Map(memberships.map((one) => [one.user_id, one]));
  return {
    ...asLimited(given),
    id: given.team_id,
    name: given.team_alias ?? given.team_id,
    alias: given.team_alias,
    organizationId: given.organization_id,
    members: (given.members_with_roles ?? []).map(({ user_id, user_email, role }) => {
      const userId = user_id ?? user_email ?? "";
      const own = spending.get(userId);
      return { userId, role: role ?? "user", budget: own?.max_budget_in_team, spend: own?.spend ?? 0 };
    }),
  };
}
