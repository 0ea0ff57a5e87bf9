import { DheeraError } from "@dheera-ai/core";
import type { Given, KeyFilter, KeyRow } from "@dheera-ai/teams";

import { atOnce } from "../../management/at-once.ts";
import { mayDo } from "../../management/authorize.ts";
import { after } from "../../management/bodies/durations.ts";
import {
  keyBody,
  keyChangeBody,
  keyColumns,
  keyRotationBody,
  keysBody,
  newKeyBody,
} from "../../management/bodies/key-bodies.ts";
import type { Call } from "../../management/call.ts";
import {
  authorizeOwners,
  findKey,
  findKeyByAlias,
  keyWithSpend,
  keysWithSpend,
  managedKey,
  tryFindKey,
} from "../../management/rows/key-rows.ts";
import { ifSome } from "../../management/if-some.ts";
import { NotFound } from "../../management/not-found.ts";
import { newBudgetTime } from "../../management/rows/new-budget-time.ts";
import { managesAll } from "../../sign-in/person.ts";

/** `POST /key/generate`: the only answers that hold a key are this one and that of a rotation. */
export async function generateKey(call: Call): Promise<object> {
  const body = await call.body(newKeyBody);
  return create(call, ownByDefault(call, keyColumns(body, Date.now())), body.key);
}

/** `POST /key/service-account/generate`: a key of a team that belongs to no user. */
export async function generateServiceKey(call: Call): Promise<object> {
  const body = await call.body(newKeyBody);
  const values = keyColumns(body, Date.now());
  if (typeof values.team_id !== "string")
    throw new DheeraError("invalid_request", "team_id: is required", { param: "team_id" });
  if (typeof values.user_id === "string")
    throw new DheeraError("invalid_request", "user_id: a key for a service has none; send it to /key/generate", {
      param: "user_id",
    });
  return create(call, values, body.key);
}

async function create(call: Call, values: Given<KeyRow>, given: string | null | undefined): Promise<object> {
  authorizeOwners(call, values);
  authorizeSight(call, values, false);
  const { key, row } = await call.teams.stores.keys.create(call.actor, values, given ?? undefined, reuseBy(call));
  return { key, ...(await keyWithSpend(call.teams, row)) };
}

/** `POST /key/update`. */
export async function updateKey(call: Call): Promise<object> {
  const { key: given, ...fields } = await call.body(keyChangeBody);
  const row = await findKey(call.teams.stores, given, "key");
  const updated = await change(call, row, keyColumns(fields, Date.now()));
  return { key: row.key_hash, ...(await keyWithSpend(call.teams, updated)) };
}

/** `POST /key/delete`: all of the keys, or none where one is not there or may not be deleted. */
export async function deleteKeys(call: Call): Promise<object> {
  const { keys, key_aliases: aliases } = await call.body(keysBody);
  const given = [...(keys ?? []).map(byKey(call)), ...(aliases ?? []).map(byAlias(call))];
  if (given.length === 0) throw new DheeraError("invalid_request", "keys: is required", { param: "keys" });
  const rows: KeyRow[] = [];
  for (const find of given) {
    const row = await find();
    call.authorize("delete", managedKey(row));
    if (row.blocked !== 0) call.authorize("limit", { ...managedKey(row), ...limitedByOthers });
    rows.push(row);
  }
  const hashes = [...new Set(rows.map((row) => row.key_hash))];
  return { deleted_keys: await call.teams.stores.keys.remove(call.actor, hashes) };
}

/** `GET /key/info`: of the key `?key=` or of the one that calls. */
export async function keyInfo(call: Call): Promise<object> {
  const given = call.query.text("key") ?? call.person.keyHash;
  if (given === undefined)
    throw new DheeraError("invalid_request", "key: is required, because the key that calls is none of the database", {
      param: "key",
    });
  const row = await findKey(call.teams.stores, given, "key");
  call.authorize("read", managedKey(row));
  return { key: row.key_hash, info: await keyWithSpend(call.teams, row) };
}

/**
 * `POST /v2/key/info`: of several keys, with those left out that are not there or that the caller may not see, which are alike: whose
 * key a text is cannot be tried out.
 */
export async function keysInfo(call: Call): Promise<object> {
  const { keys } = await call.body(keysBody);
  if (!keys || keys.length === 0) throw new DheeraError("invalid_request", "keys: is required", { param: "keys" });
  const rows: KeyRow[] = [];
  for (const given of keys) {
    const row = await tryFindKey(call.teams.stores, given);
    if (row && mayDo(call.person, "read", managedKey(row))) rows.push(row);
  }
  return { key: rows.map((row) => row.key_hash), info: await keysWithSpend(call.teams, rows) };
}

/** `GET /key/list`: of all keys that the caller may see, a page. */
export async function listKeys(call: Call): Promise<object> {
  const { query, teams } = call;
  const { page, size } = query.page("size");
  const isFull = query.flag("return_full_object");
  const { rows, total } = await teams.stores.keys.list(visibleKeys(call), { page, size });
  const keys = isFull ? await keysWithSpend(teams, rows) : rows.map((row) => row.key_hash);
  const answer = { keys, total_count: total, current_page: page, total_pages: Math.ceil(total / size) };
  return query.flag("include_team_keys") ? { ...answer, warnings: [noTeamKeys] } : answer;
}

const noTeamKeys = "include_team_keys: has no effect here; list the keys of each team with team_id";

/** `POST /key/block`. */
export function blockKey(call: Call): Promise<object> {
  return setBlocked(call, true);
}

/** `POST /key/unblock`. */
export function unblockKey(call: Call): Promise<object> {
  return setBlocked(call, false);
}

/** `POST /key/{key}/regenerate`, and `/key/regenerate` with the key in the body. */
export async function regenerateKey(call: Call): Promise<object> {
  const { key, new_key: newKey, grace_period: grace, ...fields } = await call.body(keyRotationBody);
  const inPath = call.part === "regenerate" ? undefined : call.part;
  const given = inPath ?? key ?? call.person.keyHash;
  if (given === undefined) throw new DheeraError("invalid_request", "key: is required", { param: "key" });
  const row = await findKey(call.teams.stores, given, "key");
  call.authorize("rotate", managedKey(row));
  const now = Date.now();
  const columns = keyColumns(fields, now);
  const graceSeconds = typeof grace === "string" ? Math.round((after(now, grace) - now) / 1_000) : 0;
  const rotated = await atOnce(call, async (within) => {
    if (Object.keys(columns).length > 0) await change(within, row, columns);
    const { keys } = within.teams.stores;
    return keys.rotate(call.actor, row.key_hash, graceSeconds, newKey ?? undefined, reuseBy(call));
  });
  return { key: rotated.key, ...(await keyWithSpend(call.teams, rotated.row)) };
}

/** A user who names nobody makes a key of their own, unless they may make one of nobody. */
function ownByDefault({ person }: Call, values: Given<KeyRow>): Given<KeyRow> {
  const { team_id: teamId, user_id: userId } = values;
  if (typeof userId === "string" || person.userId === undefined) return values;
  return mayDo(person, "create", { kind: "key", teamId }) ? values : { ...values, user_id: person.userId };
}

/** Columns that say what people call a key; the others limit it. */
const names: ReadonlySet<string> = new Set(["key_alias", "metadata", "tags"]);

async function change(call: Call, row: KeyRow, columns: Given<KeyRow>): Promise<KeyRow> {
  const key = managedKey(row);
  call.authorize("change", key);
  if (Object.keys(columns).some((name) => !names.has(name))) call.authorize("limit", key);
  if (columns.blocked !== undefined) call.authorize("limit", { ...key, ...limitedByOthers });
  // Some clients send all that a key has with every change.
  const owners = ["team_id", "user_id", "organization_id"] as const;
  if (owners.some((owner) => columns[owner] !== undefined && columns[owner] !== row[owner]))
    authorizeOwners(call, { ...row, ...columns });
  authorizeSight(call, columns, row.read_metrics === 1);
  return call.teams.stores.keys.update(call.actor, row.key_hash, { ...columns, ...newBudgetTime(row, columns) });
}

/** What shows the names and the traffic of all is not a holder's to give. @throws DheeraError `forbidden` */
function authorizeSight({ person }: Call, { read_metrics: reads }: Given<KeyRow>, hasIt: boolean): void {
  if (reads !== 1 || hasIt || managesAll(person)) return;
  throw new DheeraError("forbidden", "read_metrics: shows the traffic of all; ask a proxy admin to set it", {
    param: "read_metrics",
  });
}

/** Who made and limited a key does not open it again that somebody blocked. */
const limitedByOthers = { limitedBy: undefined } as const;

/** A key that was blocked when it was deleted is let in again by those alone who unblock any. */
function reuseBy({ person }: Call): { readonly mayBeBlocked: boolean } {
  return { mayBeBlocked: managesAll(person) };
}

async function setBlocked(call: Call, blocked: boolean): Promise<object> {
  const { key: given } = await call.body(keyBody);
  const row = await findKey(call.teams.stores, given, "key");
  call.authorize("limit", { ...managedKey(row), ...limitedByOthers });
  const blockedRow = await call.teams.stores.keys.block(call.actor, row.key_hash, blocked);
  return keyWithSpend(call.teams, blockedRow);
}

function byKey(call: Call): (key: string, index: number) => () => Promise<KeyRow> {
  return (key, index) => () => findKey(call.teams.stores, key, `keys[${index}]`);
}

/** Aliases can be guessed: who may not see a key does not learn whether there is one. */
function byAlias(call: Call): (alias: string, index: number) => () => Promise<KeyRow> {
  return (alias, index) => async () => {
    const row = await findKeyByAlias(call.teams.stores, alias);
    if (!row || !mayDo(call.person, "read", managedKey(row))) call.authorize("read", { kind: "key" });
    if (!row) throw new NotFound(`key_aliases[${index}]`, "a key of this alias");
    return row;
  };
}

/** The filter that a caller asked for, narrowed to what they may see. */
function visibleKeys({ person, query, authorize }: Call): KeyFilter {
  const asked = {
    ...ifSome("team_id", query.text("team_id")),
    ...ifSome("user_id", query.text("user_id")),
    ...ifSome("organization_id", query.text("organization_id")),
    ...ifSome("key_alias", query.text("key_alias")),
    ...ifSome("key_hash", query.text("key_hash")),
    ...ifSome("search", query.text("search", 200)),
  };
  if (mayDo(person, "read", { kind: "key" })) return asked;
  if (asked.team_id !== undefined && mayDo(person, "read", { kind: "key", teamId: asked.team_id })) return asked;
  if (person.userId === undefined) return { ...asked, key_hash: person.keyHash ?? "" };
  authorize("read", { kind: "key", userId: asked.user_id ?? person.userId });
  return { ...asked, user_id: person.userId };
}
