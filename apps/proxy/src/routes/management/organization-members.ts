import { type OrganizationMemberRow, type UserRow, organizationMemberId } from "@dheera-ai/teams";

import { organizationMemberAnswer } from "../../management/answers/organization-answer.ts";
import { userAnswer } from "../../management/answers/user-answer.ts";
import { atOnce } from "../../management/at-once.ts";
import {
  newOrganizationMembersBody,
  organizationMemberBody,
  organizationMemberChangeBody,
  organizationMemberColumns,
} from "../../management/bodies/organization-bodies.ts";
import { mayDo } from "../../management/authorize.ts";
import type { Call } from "../../management/call.ts";
import { NotFound } from "../../management/not-found.ts";
import { membersOfOrganization, membershipsOfUsers } from "../../management/rows/memberships.ts";
import { newBudgetTime } from "../../management/rows/new-budget-time.ts";
import { memberUser } from "../../management/rows/team-members.ts";
import { findUserByEmail, usersById } from "../../management/rows/user-rows.ts";
import { withSpends } from "../../management/spend/spend-of.ts";

/** `POST /organization/member_add`; who is a member already gets what is said here. */
export async function addOrganizationMembers(call: Call): Promise<object> {
  const { organization_id: id, member, ...fields } = await call.body(newOrganizationMembersBody);
  call.authorize("create", { kind: "organization_member", organizationId: id });
  await checkOrganization(call, id);
  const given = Array.isArray(member) ? member : [member];
  const limits = organizationMemberColumns(fields);
  const rows = await atOnce(call, async (within) => {
    const set: OrganizationMemberRow[] = [];
    for (const [index, one] of given.entries()) {
      const userId = await memberUser(within, one, given.length === 1 ? "member" : `member[${index}]`);
      const values = { ...limits, ...(typeof one.role === "string" && { role: one.role }) };
      set.push(await within.teams.stores.organizationMembers.set(call.actor, id, userId, values));
    }
    return set;
  });
  const users = await usersOf(call, rows);
  const memberships = await membershipsOfUsers(
    call,
    users.map(({ user_id }) => user_id),
  );
  return {
    organization_id: id,
    updated_users: users.map((user) =>
      maySee(call, user.user_id)
        ? userAnswer(user, memberships.get(user.user_id) ?? [])
        : { user_id: user.user_id, user_email: null },
    ),
    updated_organization_memberships: await answersOf(call, rows, users),
  };
}

/** `PATCH /organization/member_update`. */
export async function updateOrganizationMember(call: Call): Promise<object> {
  const { role, ...body } = await call.body(organizationMemberChangeBody);
  call.authorize("limit", { kind: "organization_member", organizationId: body.organization_id });
  const row = await findMember(call, body);
  const columns = { ...organizationMemberColumns(body), ...(typeof role === "string" && { role }) };
  const changes = { ...columns, ...newBudgetTime(row, columns) };
  const { organizationMembers } = call.teams.stores;
  return answerOf(call, await organizationMembers.set(call.actor, row.organization_id, row.user_id, changes));
}

/** `DELETE /organization/member_delete`. */
export async function removeOrganizationMember(call: Call): Promise<object> {
  const body = await call.body(organizationMemberBody);
  call.authorize("delete", { kind: "organization_member", organizationId: body.organization_id });
  const row = await findMember(call, body);
  const answer = await answerOf(call, row);
  await call.teams.stores.organizationMembers.remove(call.actor, row.organization_id, [row.user_id]);
  return answer;
}

/** The members of an organization, as they are answered. */
export async function answersOfMembers(call: Call, id: string): Promise<readonly object[]> {
  const rows = await membersOfOrganization(call, id);
  return answersOf(call, rows, await usersOf(call, rows));
}

interface Meant {
  readonly organization_id: string;
  readonly user_id?: string | null | undefined;
  readonly user_email?: string | null | undefined;
}

/** @throws NotFound */
async function findMember(
  call: Call,
  { organization_id: id, user_id, user_email }: Meant,
): Promise<OrganizationMemberRow> {
  await checkOrganization(call, id);
  const field = typeof user_id === "string" ? "user_id" : "user_email";
  const userId = user_id ?? (await findUserByEmail(call.teams, user_email, field))?.user_id;
  const row = userId === undefined ? undefined : await call.teams.stores.organizationMembers.get(id, userId);
  if (!row) throw new NotFound(field, "this user in the organization");
  return row;
}

/** @throws NotFound */
async function checkOrganization({ teams }: Call, id: string): Promise<void> {
  if (!(await teams.stores.organizations.get(id))) throw new NotFound("organization_id", "this organization");
}

async function answerOf(call: Call, row: OrganizationMemberRow): Promise<object> {
  const [answer] = await answersOf(call, [row], await usersOf(call, [row]));
  return { ...answer };
}

/** Who may add anybody does not learn by it what nobody told them. */
function maySee({ person }: Call, userId: string): boolean {
  return mayDo(person, "read", { kind: "user", userId });
}

function answersOf(
  call: Call,
  rows: readonly OrganizationMemberRow[],
  users: readonly UserRow[],
): Promise<readonly object[]> {
  const emails = new Map(users.map(({ user_id, user_email }) => [user_id, user_email]));
  return withSpends(
    call.teams,
    "organization_member",
    rows.map((row) => ({
      id: organizationMemberId(row),
      row,
      answer: organizationMemberAnswer(row, maySee(call, row.user_id) ? (emails.get(row.user_id) ?? null) : null),
    })),
  );
}

function usersOf({ teams }: Call, rows: readonly OrganizationMemberRow[]): Promise<readonly UserRow[]> {
  return usersById(
    teams,
    rows.map(({ user_id }) => user_id),
  );
}
