import { hash } from "node:crypto";

import type { KeyRow, Stores, Teams } from "@dheera-ai/teams";

import { type KeyAnswer, keyAnswer } from "../answers/key-answer.ts";
import type { Managed } from "../authorize.ts";
import type { Call } from "../call.ts";
import { NotFound } from "../not-found.ts";
import { type SpendAnswer, withSpend, withSpends } from "../spend/spend-of.ts";

/**
 * Finds a key by itself or by its hash. What has 64 hexadecimal digits is looked for as a hash first.
 * @throws NotFound without repeating what was given
 */
export async function findKey(stores: Stores, given: string, field: string): Promise<KeyRow> {
  const row = await tryFindKey(stores, given);
  if (!row) throw new NotFound(field, "this key");
  return row;
}

/** The same, and undefined where there is none. */
export async function tryFindKey({ keys }: Stores, given: string): Promise<KeyRow | undefined> {
  const isHash = /^[0-9a-f]{64}$/i.test(given);
  return (isHash ? await keys.get(given.toLowerCase()) : undefined) ?? (await keys.get(hash("sha256", given, "hex")));
}

/** Undefined where there is none. */
export async function findKeyByAlias({ keys }: Stores, alias: string): Promise<KeyRow | undefined> {
  const { rows } = await keys.list({ key_alias: alias }, { page: 1, size: 1 });
  return rows[0];
}

/** A key as authorization sees it. */
export function managedKey(row: KeyRow): Managed {
  return {
    kind: "key",
    hash: row.key_id,
    teamId: row.team_id,
    userId: row.user_id,
    organizationId: row.organization_id,
    limitedBy: row.limited_by ?? row.created_by,
  };
}

/** @throws DheeraError `forbidden` where the caller may not make keys that belong to these */
export function authorizeOwners(
  call: Call,
  owners: Pick<Partial<KeyRow>, "team_id" | "user_id" | "organization_id">,
): void {
  const { team_id: teamId, user_id: userId, organization_id: organizationId } = owners;
  call.authorize("create", { kind: "key", teamId, userId, organizationId, limitedBy: call.actor.name });
}

/** Keys as they are answered, with what they spent. */
export function keysWithSpend(
  teams: Pick<Teams, "database">,
  rows: readonly KeyRow[],
): Promise<readonly (KeyAnswer & SpendAnswer)[]> {
  return withSpends(
    teams,
    "key",
    rows.map((row) => ({ id: row.key_id, row, answer: keyAnswer(row) })),
  );
}

/** The same for one. */
export function keyWithSpend(teams: Pick<Teams, "database">, row: KeyRow): Promise<KeyAnswer & SpendAnswer> {
  return withSpend(teams, "key", row.key_id, row, keyAnswer(row));
}
