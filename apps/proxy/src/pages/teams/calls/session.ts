import * as v from "valibot";

import type { ManagementClient } from "./management-client.ts";
import { text, truth } from "./values.ts";

/** Who is signed in. */
export interface Session {
  /** A user's id, `master`, or a key's name. */
  readonly name: string;
  /** Absent for the holder of the master key and of a key that belongs to no user. */
  readonly userId: string | undefined;
  readonly role: string;
  /** Teams whose keys and members they manage. */
  readonly managedTeams: readonly string[];
  /** Organizations whose members they manage. */
  readonly managedOrganizations: readonly string[];
  /** Goes with each change, so that other pages can make none. */
  readonly token: string;
  /** Whether the company's own sign-in is set up. */
  readonly hasProvider: boolean;
}

/** How people can sign in here, and who has. */
export interface Entrance {
  readonly session: Session | undefined;
  /** Without one nobody can sign in, because there is nothing to manage. */
  readonly hasDatabase: boolean;
  /** Whether the company's own sign-in is set up. */
  readonly hasProvider: boolean;
}

const person = v.object({
  userId: text,
  name: v.string(),
  role: v.string(),
  teams: v.array(v.object({ teamId: v.string(), role: v.string() })),
  organizations: v.nullish(v.array(v.string()), []),
});

const entrance = v.object({
  person: v.nullish(person),
  csrf_token: text,
  sign_in: v.object({ key: truth, sso: truth }),
});

export async function findEntrance(client: ManagementClient): Promise<Entrance> {
  const { person: found, csrf_token, sign_in } = await client.read("sso/session", entrance);
  return {
    session: found && csrf_token !== undefined ? asSession(found, csrf_token, sign_in.sso) : undefined,
    hasDatabase: sign_in.key,
    hasProvider: sign_in.sso,
  };
}

export async function signInWith(client: ManagementClient, key: string): Promise<void> {
  await client.change("login", { key }, v.unknown());
}

/** @returns where the session at the company's sign-in ends too, where there is one */
export async function signOut(client: ManagementClient): Promise<string | undefined> {
  return (await client.change("sso/logout", {}, v.object({ redirect_to: text }))).redirect_to;
}

function asSession(
  { name, userId, role, teams, organizations }: v.InferOutput<typeof person>,
  token: string,
  hasProvider: boolean,
): Session {
  const managed = teams.filter((team) => team.role === "admin");
  return {
    name,
    userId,
    role,
    managedTeams: managed.map(({ teamId }) => teamId),
    managedOrganizations: organizations ?? [],
    token,
    hasProvider,
  };
}
