import { type MemberRow, memberId } from "@dheera-ai/teams";

import { membershipAnswer, roleAnswer, teamAnswer } from "../../management/answers/team-answer.ts";
import { atOnce } from "../../management/at-once.ts";
import { memberBody, memberChangeBody, memberColumns, newMembersBody } from "../../management/bodies/team-bodies.ts";
import type { Call } from "../../management/call.ts";
import { newBudgetTime } from "../../management/rows/new-budget-time.ts";
import { membersOfTeams } from "../../management/rows/memberships.ts";
import { NotFound } from "../../management/not-found.ts";
import { withSpend, withSpends } from "../../management/spend/spend-of.ts";
import { addMembers } from "../../management/rows/team-members.ts";
import { findUserByEmail } from "../../management/rows/user-rows.ts";

/** `POST /team/member_add`; who is a member already gets what is said here. */
export async function addTeamMembers(call: Call): Promise<object> {
  const { team_id: id, member, ...fields } = await call.body(newMembersBody);
  call.authorize("create", { kind: "member", teamId: id });
  await findTeam(call, id);
  const members = Array.isArray(member) ? member : [member];
  const added = await atOnce(call, (within) => addMembers(within, id, members, memberColumns(fields)));
  const memberships = added.map((row) => ({ id: memberId(row), row, answer: membershipAnswer(row) }));
  return {
    ...(await team(call, id)),
    updated_team_memberships: await withSpends(call.teams, "member", memberships),
  };
}

/** `POST /team/member_update`. */
export async function updateTeamMember(call: Call): Promise<object> {
  const body = await call.body(memberChangeBody);
  call.authorize("limit", { kind: "member", teamId: body.team_id });
  const row = await findMember(call, body);
  const columns = {
    ...memberColumns(body),
    ...(typeof body.role === "string" && { role: body.role }),
  };
  const changes = { ...columns, ...newBudgetTime(row, columns) };
  const changed = await call.teams.stores.members.set(call.actor, row.team_id, row.user_id, changes);
  return withSpend(call.teams, "member", memberId(changed), changed, membershipAnswer(changed));
}

/** `POST /team/member_delete`. */
export async function removeTeamMember(call: Call): Promise<object> {
  const body = await call.body(memberBody);
  call.authorize("delete", { kind: "member", teamId: body.team_id });
  const row = await findMember(call, body);
  await call.teams.stores.members.remove(call.actor, row.team_id, [row.user_id]);
  return team(call, row.team_id);
}

interface Meant {
  readonly team_id: string;
  readonly user_id?: string | null | undefined;
  readonly user_email?: string | null | undefined;
}

/** Looks at nobody outside of the team. @throws NotFound */
async function findMember(call: Call, { team_id: teamId, user_id: id, user_email: email }: Meant): Promise<MemberRow> {
  await findTeam(call, teamId);
  const field = typeof id === "string" ? "user_id" : "user_email";
  const userId = id ?? (await findUserByEmail(call.teams, email, field, teamId))?.user_id;
  const row = userId === undefined ? undefined : await call.teams.stores.members.get(teamId, userId);
  if (!row) throw new NotFound(field, "this user in the team");
  return row;
}

/** @throws NotFound */
async function findTeam({ teams }: Call, id: string): Promise<void> {
  if (!(await teams.stores.teams.get(id))) throw new NotFound("team_id", "this team");
}

async function team(call: Call, id: string): Promise<object> {
  const [row, members] = await Promise.all([call.teams.stores.teams.get(id), membersOfTeams(call, [id])]);
  if (!row) throw new NotFound("team_id", "this team");
  const roles = (members.get(id) ?? []).map(roleAnswer);
  return withSpend(call.teams, "team", id, row, { ...teamAnswer(row), members_with_roles: roles });
}
