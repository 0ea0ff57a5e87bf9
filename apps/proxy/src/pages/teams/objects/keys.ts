import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import { sum, text } from "../calls/values.ts";
import { type Limited, asLimited, limitFields } from "./limits.ts";
import type { ListQuery, Listed } from "./listed.ts";

/** A key as the page shows it, without the key itself. */
export interface Key extends Limited {
  /** SHA-256 of the key, by which the API knows it. */
  readonly hash: string;
  /** What people call it: its alias, else its beginning and end. */
  readonly name: string;
  readonly alias: string | undefined;
  /** `sk-...3f9a`. */
  readonly shortened: string | undefined;
  readonly teamId: string | undefined;
  readonly userId: string | undefined;
  readonly expires: string | undefined;
  /** A number, or `background`. */
  readonly priority: string | undefined;
  readonly createdAt: string | undefined;
}

/** A key that was just made: shown once. */
export interface NewKey {
  readonly key: string;
  readonly hash: string;
}

const keyFields = {
  ...limitFields,
  token: text,
  key_name: text,
  key_alias: text,
  team_id: text,
  user_id: text,
  expires: text,
  priority: v.pipe(
    v.nullish(v.union([v.number(), v.string()])),
    v.transform((given) => (given === null || given === undefined ? undefined : String(given))),
  ),
  created_at: text,
} satisfies v.ObjectEntries;

const keyObject = v.object(keyFields);
const keyList = v.object({ keys: v.array(keyObject), total_count: sum });
const keyInfo = v.object({ key: v.string(), info: keyObject });
const newKey = v.object({ key: v.string(), token: text, token_id: text });

export interface KeyFilter {
  readonly team_id?: string;
  readonly user_id?: string;
}

export async function listKeys(
  client: ManagementClient,
  { page, size, search }: ListQuery,
  filter: KeyFilter = {},
): Promise<Listed<Key>> {
  const query = { ...filter, page, size, search, return_full_object: true };
  const { keys, total_count } = await client.read("key/list", keyList, query);
  return { rows: keys.map((key) => asKey(key)), total: total_count };
}

export async function keyOf(client: ManagementClient, hash: string): Promise<Key> {
  const { key, info } = await client.read("key/info", keyInfo, { key: hash });
  return asKey(info, key);
}

/** @param values fields of LiteLLM's `/key/generate` */
export async function makeKey(client: ManagementClient, values: object): Promise<NewKey> {
  return asNewKey(await client.change("key/generate", values, newKey));
}

/** @param grace how long the old key is let in too, such as `1h`; empty: not at all */
export async function rotateKey(client: ManagementClient, { hash }: Key, grace: string): Promise<NewKey> {
  const body = grace === "" ? {} : { grace_period: grace };
  return asNewKey(await client.change(`key/${hash}/regenerate`, body, newKey));
}

export async function updateKey(client: ManagementClient, { hash }: Key, values: object): Promise<void> {
  await client.change("key/update", { key: hash, ...values }, v.unknown());
}

/** Blocks it, or lets it in again where it is blocked. */
export async function blockKey(client: ManagementClient, { hash, isBlocked }: Key): Promise<void> {
  await client.change(isBlocked ? "key/unblock" : "key/block", { key: hash }, v.unknown());
}

export async function deleteKey(client: ManagementClient, { hash }: Key): Promise<void> {
  await client.change("key/delete", { keys: [hash] }, v.unknown());
}

function asNewKey({ key, token, token_id }: v.InferOutput<typeof newKey>): NewKey {
  return { key, hash: token ?? token_id ?? "" };
}

function asKey(given: v.InferOutput<typeof keyObject>, hash: string = ""): Key {
  const known = given.token ?? hash;
  return {
    ...asLimited(given),
    hash: known,
    name: given.key_alias ?? given.key_name ?? known.slice(0, 12),
    alias: given.key_alias,
    shortened: given.key_name,
    teamId: given.team_id,
    userId: given.user_id,
    expires: given.expires,
    priority: given.priority,
    createdAt: given.created_at,
  };
}
