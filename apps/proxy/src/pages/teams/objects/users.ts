import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import { sum, text } from "../calls/values.ts";
import { type Limited, asLimited, limitFields } from "./limits.ts";
import type { ListQuery, Listed } from "./listed.ts";

export interface User extends Limited {
  readonly id: string;
  /** Alias, else address, else id. */
  readonly name: string;
  readonly alias: string | undefined;
  readonly email: string | undefined;
  readonly role: string;
}

/** The roles, with what they may do. */
export const roles = {
  proxy_admin: "Administrator: does everything",
  proxy_admin_viewer: "Viewer: sees everything, changes nothing",
  internal_user: "Member: makes keys of their own",
  internal_user_viewer: "Guest: sees their own usage",
} as const satisfies Record<string, string>;

/** `Administrator` for `proxy_admin`; a role that is not known as it is. */
export function roleWord(role: string): string {
  const known: Readonly<Record<string, string>> = roles;
  return Object.hasOwn(known, role) ? (known[role]?.split(":")[0] ?? role) : role;
}

const userObject = v.object({
  ...limitFields,
  user_id: v.string(),
  user_alias: text,
  user_email: text,
  user_role: text,
});

const userPage = v.object({ users: v.array(userObject), total: sum });
const userInfo = v.object({ user_info: userObject });

export async function listUsers(client: ManagementClient, { page, size, search }: ListQuery): Promise<Listed<User>> {
  const { users, total } = await client.read("user/list", userPage, { page, page_size: size, search });
  return { rows: users.map(asUser), total };
}

export async function userOf(client: ManagementClient, id: string): Promise<User> {
  return asUser((await client.read("user/info", userInfo, { user_id: id })).user_info);
}

/** @param values fields of LiteLLM's `/user/new` */
export async function makeUser(client: ManagementClient, values: object): Promise<void> {
  // Who signs in needs no key; LiteLLM's API makes one where nothing is said.
  await client.change("user/new", { ...values, auto_create_key: false }, v.unknown());
}

export async function updateUser(client: ManagementClient, { id }: User, values: object): Promise<void> {
  await client.change("user/update", { user_id: id, ...values }, v.unknown());
}

export async function deleteUser(client: ManagementClient, { id }: User): Promise<void> {
  await client.change("user/delete", { user_ids: [id] }, v.unknown());
}

function asUser(given: v.InferOutput<typeof userObject>): User {
  return {
    ...asLimited(given),
    id: given.user_id,
    name: given.user_alias ?? given.user_email ?? given.user_id,
    alias: given.user_alias,
    email: given.user_email,
    role: given.user_role ?? "internal_user_viewer",
  };
}
