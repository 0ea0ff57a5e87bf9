import type { Given, MemberRow } from "@dheera-ai/teams";

import { mayDo } from "../authorize.ts";
import type { MemberFields } from "../bodies/team-bodies.ts";
import type { Call } from "../call.ts";
import { NotFound } from "../not-found.ts";
import { findUserByEmail } from "./user-rows.ts";

/**
 * Makes users members of a team, or gives members what is said of them. Users that are not there are made, as LiteLLM does,
 * where the caller may make users.
 */
export async function addMembers(
  call: Call,
  teamId: string,
  members: readonly MemberFields[],
  limits: Given<MemberRow>,
): Promise<readonly MemberRow[]> {
  const rows: MemberRow[] = [];
  for (const [index, member] of members.entries()) {
    const userId = await memberUser(call, member, members.length === 1 ? "member" : `member[${index}]`);
    const values = { ...limits, ...(typeof member.role === "string" && { role: member.role }) };
    rows.push(await call.teams.stores.members.set(call.actor, teamId, userId, values));
  }
  return rows;
}

/** The id of the user who is meant, made where there is none and the caller may make users. @throws NotFound */
export async function memberUser(
  call: Call,
  { user_id: id, user_email: email }: Pick<MemberFields, "user_id" | "user_email">,
  field: string,
): Promise<string> {
  const { stores } = call.teams;
  const found =
    typeof id === "string"
      ? await stores.users.get(id)
      : await findUserByEmail(call.teams, email, `${field}.user_email`);
  if (found) return found.user_id;
  if (!mayDo(call.person, "create", { kind: "user", userId: id ?? "" }))
    throw new NotFound(
      typeof id === "string" ? `${field}.user_id` : `${field}.user_email`,
      "this user (a proxy admin can make them with /user/new)",
    );
  const made = await stores.users.create(call.actor, {
    ...(typeof id === "string" && { user_id: id }),
    ...(typeof email === "string" && { user_email: email }),
    user_role: "internal_user",
  });
  return made.user_id;
}
