import { DheeraError } from "@dheera-ai/core";
import type { Stores, Teams, UserRow } from "@dheera-ai/teams";

import { type Action, mayDo } from "../authorize.ts";
import type { Call } from "../call.ts";
import { NotFound } from "../not-found.ts";

/** @throws NotFound */
export async function findUser({ users }: Stores, id: string, field = "user_id"): Promise<UserRow> {
  const row = await users.get(id);
  if (!row) throw new NotFound(field, "this user");
  return row;
}

/** Ids of one query: databases take no list of any length. */
const mostIds = 500;

/** Those of the users that are there. */
export async function usersById(
  { database: { db } }: Pick<Teams, "database">,
  ids: readonly string[],
): Promise<readonly UserRow[]> {
  const rows: UserRow[] = [];
  for (let from = 0; from < ids.length; from += mostIds)
    rows.push(
      ...(await db
        .selectFrom("dheera_users")
        .selectAll()
        .where("user_id", "in", ids.slice(from, from + mostIds))
        .orderBy("user_id")
        .execute()),
    );
  return rows;
}

/**
 * The user with this address; undefined where there is none.
 * @param teamId looks among the members of this team alone
 * @throws DheeraError `invalid_request` where there is no address, or several users have it
 */
export async function findUserByEmail(
  { database: { db } }: Pick<Teams, "database">,
  email: string | null | undefined,
  field: string,
  teamId?: string,
): Promise<UserRow | undefined> {
  if (typeof email !== "string")
    throw new DheeraError("invalid_request", `${field}: is required where there is no user_id`, { param: field });
  const rows = await db
    .selectFrom("dheera_users")
    .selectAll()
    .where(({ eb, fn }) => eb(fn<string>("lower", ["user_email"]), "=", email.toLowerCase()))
    .$if(teamId !== undefined, (query) =>
      query.where("user_id", "in", (members) =>
        members
          .selectFrom("dheera_members")
          .select("dheera_members.user_id")
          .where("team_id", "=", teamId ?? ""),
      ),
    )
    .limit(2)
    .execute();
  if (rows.length > 1)
    throw new DheeraError("invalid_request", `${field}: several users have this address; send user_id`, {
      param: field,
    });
  return rows[0];
}

/**
 * Who is meant by an id or an address, if the caller may do this to them. To those who may do it to nobody else, others are all alike,
 * whether they are there or not.
 * @throws NotFound
 */
export async function meantUser(
  call: Pick<Call, "teams" | "person" | "authorize">,
  action: Action,
  id: string | null | undefined,
  email: string | null | undefined,
): Promise<UserRow> {
  const { teams, person, authorize } = call;
  if (typeof id === "string") {
    authorize(action, { kind: "user", userId: id });
    return findUser(teams.stores, id);
  }
  const anybody = { kind: "user", userId: "" } as const;
  if (!mayDo(person, action, anybody)) {
    const own = person.userId === undefined ? undefined : await teams.stores.users.get(person.userId);
    const isOwn = typeof email === "string" && own?.user_email?.toLowerCase() === email.toLowerCase();
    if (!isOwn) authorize(action, anybody);
    authorize(action, { kind: "user", userId: person.userId ?? "" });
    if (own) return own;
  }
  const row = await findUserByEmail(teams, email, "user_email");
  if (!row) throw new NotFound("user_email", "a user of this address");
  return row;
}
