import { sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { BlockedHashRow, KeyRow } from "../database/tables.ts";
import { checkValues, refusal } from "./check-values.ts";
import { checkKey, hashOfKey, nameOfKey, randomKey } from "./key-text.ts";
import { described, noLimits } from "./kinds.ts";
import { removeKeys } from "./remove.ts";
import { changeRow, checkRelations, definedOf, differs, listRows } from "./row-store.ts";
import { deleteRows, holding, insertRow, matching, selectRows, updateRows } from "./rows.ts";
import type { Given, KeyFilter, KeyStore } from "./stores.ts";
import type { Write, Writing } from "./write.ts";

const kind = { kind: "key", table: "dheera_keys", id: "key_hash", unique: ["key_alias"] } as const;

export function keyStore(database: Database, write: Write): KeyStore {
  return {
    get: (hash) => findKey(database.db, hash),
    create: (actor, values, key, options) =>
      write(actor, async (writing) => {
        const text = key === undefined ? randomKey() : checkKey(key);
        if (options?.mayBeBlocked) await forgetBlocked(writing, hashOfKey(text));
        return { key: text, row: await addKey(writing, hashOfKey(text), nameOfKey(text), values, "created") };
      }),
    adopt: (actor, hash, values) =>
      write(actor, (writing) => addKey(writing, checkHash(hash), "sk-...", values, "imported")),
    update: (actor, hash, changes) =>
      write(actor, async (writing) => {
        const row = await needKey(writing, hash);
        return changeRow<KeyRow>(writing, kind, row.key_id, row, { ...changes, ...limiter(writing, row, changes) });
      }),
    block: (actor, hash, blocked) =>
      write(actor, async (writing) => {
        const row = await needKey(writing, hash);
        return changeRow<KeyRow>(writing, kind, row.key_id, row, { blocked: blocked ? 1 : 0 });
      }),
    rotate: (actor, hash, graceSeconds, key, options) =>
      write(actor, async (writing) => {
        const text = key === undefined ? randomKey() : checkKey(key);
        if (options?.mayBeBlocked) await forgetBlocked(writing, hashOfKey(text));
        return { key: text, row: await rotateKey(writing, hash, graceSeconds, text) };
      }),
    remove: (actor, hashes) =>
      write(actor, async (writing) => {
        const removed: string[] = [];
        for (const hash of new Set(hashes)) {
          const row = await findKey(writing.transaction, hash);
          if (row === undefined) continue;
          await removeKeys(writing, { key_hash: row.key_hash });
          removed.push(hash);
        }
        return removed;
      }),
    list: (filter, page) =>
      database.report((db) =>
        listRows<KeyRow>(db, kind.table, conditionOf(filter), sql`created_at desc, key_hash`, page),
      ),
  };
}

function conditionOf({ team_id, user_id, organization_id, key_alias, key_hash, search }: KeyFilter) {
  const found = holding<KeyRow>(["key_alias", "key_name"], search);
  return sql<boolean>`${matching<KeyRow>({ team_id, user_id, organization_id, key_alias, key_hash })} and ${found}`;
}

/** Under the hash of the key, or of the first key where it was rotated since. */
async function findKey(db: Database["db"], hash: string): Promise<KeyRow | undefined> {
  if (!isHash(hash)) return undefined;
  const [row] = await selectRows<KeyRow>(db, kind.table, { key_hash: hash });
  if (row !== undefined) return row;
  const [rotated] = await selectRows<KeyRow>(db, kind.table, { key_id: hash });
  return rotated;
}

async function needKey(writing: Writing, hash: string): Promise<KeyRow> {
  const row = await findKey(writing.transaction, hash);
  if (row === undefined) throw refusal("key", "there is no such key");
  return row;
}

async function addKey(
  writing: Writing,
  key_hash: string,
  key_name: string,
  values: Given<KeyRow>,
  action: "created" | "imported",
): Promise<KeyRow> {
  const given = definedOf({ ...values, key_hash: undefined, key_id: undefined });
  const existing = await findKey(writing.transaction, key_hash);
  if (existing !== undefined && existing.key_hash === key_hash) {
    if (!differs(existing, given)) return existing;
    throw refusal("key", "this key is there already, with other values; update it, or give another one");
  }
  await refuseUsed(writing, key_hash);
  const row: KeyRow = { ...emptyKey(key_hash, key_name, writing.actor.name, writing.now), ...given };
  checkValues(row);
  await checkRelations<KeyRow>(writing, kind, given);
  await insertRow(writing.transaction, kind.table, row);
  writing.record({ action, kind: "key", id: row.key_id, after: row });
  return row;
}

async function rotateKey(writing: Writing, hash: string, graceSeconds: number, key: string): Promise<KeyRow> {
  if (!(graceSeconds >= 0 && graceSeconds <= longestGrace))
    throw refusal("grace_period", `must be between 0 and ${longestGrace} seconds`);
  const before = await needKey(writing, hash);
  const key_hash = hashOfKey(key);
  await refuseUsed(writing, key_hash);
  const hasGrace = graceSeconds > 0;
  const changes = {
    key_hash,
    key_name: nameOfKey(key),
    previous_hash: hasGrace ? before.key_hash : null,
    previous_until: hasGrace ? writing.now + Math.round(graceSeconds * 1000) : null,
    rotated_at: writing.now,
    updated_at: writing.now,
    updated_by: writing.actor.name,
  };
  await updateRows<KeyRow>(writing.transaction, kind.table, changes, { key_hash: before.key_hash });
  const row = { ...before, ...changes };
  writing.record({ action: "rotated", kind: "key", id: row.key_id, before, after: row });
  return row;
}

/** Seconds: a year. */
const longestGrace = 366 * 24 * 60 * 60;

/** A key that was let in once is not let in again for somebody else. */
async function refuseUsed(writing: Writing, hash: string): Promise<void> {
  const { rows } = await sql`
    select 1 as found from dheera_keys where key_hash = ${hash} or key_id = ${hash} or previous_hash = ${hash}`.execute(
    writing.transaction,
  );
  if (rows.length > 0) throw refusal("key", "this key was in use before; give another one");
  const [blocked] = await selectRows<BlockedHashRow>(writing.transaction, blockedHashes, { key_hash: hash });
  if (blocked) throw refusal("key", "this key was blocked when it was deleted; give another one");
}

const blockedHashes = "dheera_blocked_hashes";

function forgetBlocked(writing: Writing, hash: string): Promise<void> {
  return deleteRows<BlockedHashRow>(writing.transaction, blockedHashes, { key_hash: hash });
}

/** Who changes more than names: others than the one who limited a key last may not loosen it. */
function limiter({ actor }: Writing, row: KeyRow, changes: Given<KeyRow>): Pick<KeyRow, "limited_by"> | undefined {
  const limits = Object.entries(definedOf(changes)).filter(([column]) => !notLimits.has(column));
  return differs(row, Object.fromEntries(limits)) ? { limited_by: actor.name } : undefined;
}

/** Who blocked it is another matter: only those who may limit any key of its team open it again. */
const notLimits: ReadonlySet<string> = new Set(["key_alias", "metadata", "tags", "blocked"]);

function emptyKey(key_hash: string, key_name: string, by: string, now: number): KeyRow {
  return {
    key_hash,
    key_id: key_hash,
    key_name,
    key_alias: null,
    team_id: null,
    user_id: null,
    organization_id: null,
    expires: null,
    priority: null,
    background: null,
    read_metrics: 0,
    previous_hash: null,
    previous_until: null,
    rotated_at: null,
    limited_by: null,
    ...noLimits(now),
    ...described(by, now),
  };
}

function checkHash(hash: string): string {
  if (!isHash(hash)) throw refusal("token", "must be 64 hexadecimal digits: the SHA-256 of a key");
  return hash;
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
