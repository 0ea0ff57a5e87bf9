import { DheeraError, isDheeraError } from "@dheera-ai/core";
import type { Stores, Teams, UserRow } from "@dheera-ai/teams";

import type { Role } from "../person.ts";
import type { Identity } from "./identity.ts";

/**
 * The user that an identity is: the one who signed in with it before, the one whom an administrator made with its email address,
 * or a new one.
 * @param defaultRole of a new user whose groups say nothing
 * @returns the user's id
 * @throws DheeraError `forbidden` for a user who is blocked
 */
export async function keepUser(teams: UserKeeper, identity: Identity, defaultRole: Role): Promise<string> {
  try {
    return await keepOnce(teams, identity, defaultRole);
  } catch (error) {
    // Somebody who signs in twice at one time, in two tabs or at two replicas, is made once.
    if (isDheeraError(error) && error.code === "invalid_request" && (await findBySso(teams, identity.ssoUserId)))
      return keepOnce(teams, identity, defaultRole);
    throw error;
  }
}

async function keepOnce(teams: UserKeeper, identity: Identity, defaultRole: Role): Promise<string> {
  const known = (await findBySso(teams, identity.ssoUserId)) ?? (await findByEmail(teams, identity.email));
  const { users } = teams.stores;
  if (!known) return (await users.create(actor, newUser(identity, defaultRole))).user_id;
  if (known.blocked !== 0)
    throw new DheeraError("forbidden", "you cannot be let in: your user is blocked; ask an administrator");
  const changes = changesOf(known, identity);
  if (Object.keys(changes).length > 0) await users.update(actor, known.user_id, changes);
  return known.user_id;
}

/** What of the teams is needed to keep users. */
export interface UserKeeper extends Pick<Teams, "database"> {
  readonly stores: { readonly users: Pick<Stores["users"], "create" | "update"> };
}

/** Who appears in the audit log: the person has no user yet when theirs is made. */
const actor = { name: "sso" };

function findBySso({ database }: UserKeeper, ssoUserId: string): Promise<UserRow | undefined> {
  return database.db.selectFrom("dheera_users").selectAll().where("sso_user_id", "=", ssoUserId).executeTakeFirst();
}

/** One whom an administrator made and who has never signed in; nobody where several have the address. */
async function findByEmail({ database }: UserKeeper, email: string | undefined): Promise<UserRow | undefined> {
  if (email === undefined) return undefined;
  const found = await database.db
    .selectFrom("dheera_users")
    .selectAll()
    .where((row) => row(row.fn<string>("lower", ["user_email"]), "=", email))
    .limit(2)
    .execute();
  const [only] = found;
  return found.length === 1 && only?.sso_user_id === null ? only : undefined;
}

function newUser({ ssoUserId, email, name, role }: Identity, defaultRole: Role): Partial<UserRow> {
  return {
    user_id: crypto.randomUUID(),
    user_email: email ?? null,
    user_alias: name ?? null,
    user_role: role ?? defaultRole,
    sso_user_id: ssoUserId,
  };
}

/** What the provider says counts, where the configuration maps its groups to roles; otherwise an administrator's word stays. */
function changesOf(known: UserRow, { ssoUserId, email, role }: Identity): Partial<UserRow> {
  return {
    ...(known.sso_user_id !== ssoUserId && { sso_user_id: ssoUserId }),
    ...(email !== undefined && known.user_email?.toLowerCase() !== email && { user_email: email }),
    ...(role !== undefined && known.user_role !== role && { user_role: role }),
  };
}
