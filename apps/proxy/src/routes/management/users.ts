import { DheeraError } from "@dheera-ai/core";
import type { UserRow } from "@dheera-ai/teams";

import { latestRows } from "../../management/rows/bounded-rows.ts";
import { keyAnswer } from "../../management/answers/key-answer.ts";
import { teamAnswer } from "../../management/answers/team-answer.ts";
import { userAnswer } from "../../management/answers/user-answer.ts";
import { keyColumns } from "../../management/bodies/key-bodies.ts";
import { newUserBody, userChangeBody, userColumns, usersBody } from "../../management/bodies/user-bodies.ts";
import type { Call } from "../../management/call.ts";
import { atOnce } from "../../management/at-once.ts";
import { ifSome } from "../../management/if-some.ts";
import { keysWithSpend } from "../../management/rows/key-rows.ts";
import { membershipsOfUsers } from "../../management/rows/memberships.ts";
import { newBudgetTime } from "../../management/rows/new-budget-time.ts";
import { withSpends } from "../../management/spend/spend-of.ts";
import { findUser, meantUser } from "../../management/rows/user-rows.ts";
import { roles } from "../../sign-in/person.ts";

/** `POST /user/new`; the same once more gives the same user, without a second key. */
export async function newUser(call: Call): Promise<object> {
  const body = await call.body(newUserBody);
  const { user_id: id, teams, auto_create_key: makesKey, key_alias, duration, ...fields } = body;
  call.authorize("create", { kind: "user", userId: id ?? "" });
  return atOnce(call, async (within) => {
    const { stores } = within.teams;
    const known = typeof id === "string" ? await stores.users.get(id) : undefined;
    const row = await stores.users.create(call.actor, {
      user_role: "internal_user",
      ...userColumns(fields),
      ...(typeof id === "string" && { user_id: id }),
    });
    for (const team of teams ?? []) {
      const [teamId, role] = typeof team === "string" ? [team, "user"] : [team.team_id, team.user_role ?? "user"];
      await stores.members.set(call.actor, teamId, row.user_id, { role });
    }
    const user = await fullUser(within, row);
    if (makesKey === false || known) return user;
    const values = keyColumns({ key_alias, duration }, Date.now());
    const made = await stores.keys.create(call.actor, { ...values, user_id: row.user_id });
    const { key_name, token, expires, key_alias: alias } = keyAnswer(made.row);
    return { ...user, key: made.key, token, token_id: token, key_name, key_alias: alias, expires };
  });
}

/** `POST /user/update`. */
export async function updateUser(call: Call): Promise<object> {
  const { user_id: id, ...fields } = await call.body(userChangeBody);
  const { user_email: email, ...others } = fields;
  const row = await meantUser(call, "change", id, email);
  const { user_id: userId } = row;
  // An address in place of an id says who is meant, and changes nothing.
  const columns = userColumns(typeof id === "string" ? fields : others);
  if (Object.keys(columns).some((name) => !names.has(name))) call.authorize("limit", { kind: "user", userId });
  const changes = { ...columns, ...newBudgetTime(row, columns) };
  const updated = await call.teams.stores.users.update(call.actor, userId, changes);
  return { user_id: userId, data: await fullUser(call, updated) };
}

/** Columns that say what people call a user; an address may let somebody in. */
const names: ReadonlySet<string> = new Set(["user_alias", "metadata", "tags"]);

/** `POST /user/delete`: all of the users with their keys, or none where one is not there. */
export async function deleteUsers(call: Call): Promise<object> {
  const { user_ids: ids } = await call.body(usersBody);
  for (const [index, userId] of ids.entries()) {
    call.authorize("delete", { kind: "user", userId });
    await findUser(call.teams.stores, userId, `user_ids[${index}]`);
  }
  return { deleted_users: await call.teams.stores.users.remove(call.actor, ids) };
}

/** `GET /v2/user/info`: the user alone. */
export async function userAlone(call: Call): Promise<object> {
  return fullUser(call, await askedUser(call));
}

/** `GET /user/info`: of `?user_id=`, or of the user who calls, with their keys and teams. */
export async function userInfo(call: Call): Promise<object> {
  const row = await askedUser(call);
  const { user_id: userId } = row;
  const { stores } = call.teams;
  const [keys, teams, user] = await Promise.all([
    latestRows(call, "keys", "/key/list and user_id", stores.keys, { user_id: userId }),
    latestRows(call, "teams", "/v2/team/list and user_id", stores.teams, { user_id: userId }),
    fullUser(call, row),
  ]);
  return {
    user_id: userId,
    user_info: user,
    keys: await keysWithSpend(call.teams, keys),
    teams: teams.map(teamAnswer),
  };
}

/** @throws NotFound */
async function askedUser(call: Call): Promise<UserRow> {
  const userId = call.query.text("user_id") ?? call.person.userId;
  if (userId === undefined)
    throw new DheeraError("invalid_request", "user_id: is required, because the caller is no user", {
      param: "user_id",
    });
  call.authorize("read", { kind: "user", userId });
  return findUser(call.teams.stores, userId);
}

/** `GET /user/list`: a page. */
export async function listUsers(call: Call): Promise<object> {
  const { query, teams } = call;
  const { page, size } = query.page("page_size", 25);
  const filter = {
    ...ifSome("user_role", query.choice("role", roles) ?? query.choice("user_role", roles)),
    ...ifSome("user_email", query.text("user_email")),
    ...ifSome("search", query.text("search", 200)),
    ...ifSome("team_id", query.text("team") ?? query.text("team_id")),
    ...ifSome("organization_id", query.text("organization_id")),
  };
  call.authorize("read", { kind: "user", userId: "" });
  const { rows, total } = await teams.stores.users.list(filter, { page, size });
  const users = await fullUsers(call, rows);
  return { users, total, page, page_size: size, total_pages: Math.ceil(total / size) };
}

async function fullUser(call: Call, row: UserRow): Promise<object> {
  const [one] = await fullUsers(call, [row]);
  return { ...one };
}

async function fullUsers(call: Call, rows: readonly UserRow[]): Promise<readonly object[]> {
  const ids = rows.map(({ user_id }) => user_id);
  const memberships = await membershipsOfUsers(call, ids);
  return withSpends(
    call.teams,
    "user",
    rows.map((row) => ({ id: row.user_id, row, answer: userAnswer(row, memberships.get(row.user_id) ?? []) })),
  );
}
