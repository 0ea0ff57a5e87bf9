import { randomUUID } from "node:crypto";

import { DheeraError } from "@dheera-ai/core";
import { type RawBuilder, sql, type Transaction } from "kysely";

import type { Database } from "../../database/open-database.ts";
import type { Tables } from "../../database/tables.ts";
import { forgetAudit, skipLocked } from "../../objects/forget-audit.ts";
import type { Actor } from "../../objects/stores.ts";

/** For how long what is kept; milliseconds. Absent: for ever. */
export interface Kept {
  readonly logs?: number | undefined;
  readonly audit?: number | undefined;
}

export interface Removed {
  readonly logs: number;
  readonly audit: number;
}

/** Rows of one statement: locks are short, and SQLite, which is of this process, has it stand still for milliseconds. */
const atOnce = 1_000;
const day = 86_400_000;
/** A journal that lies about for longer would be booked a second time. */
const batchesKept = 90 * day;
/** Times of budgets that are over; the last of each owner stay. */
const windowsKept = 90 * day;
const windowsLeft = 2;

/**
 * Deletes what is older than it may be, by pieces that wait for nobody who books. Of several replicas that do it at once each deletes a part.
 * @param goesOn asked before each piece
 * @throws DheeraError `timeout` where the database needs too long for a piece
 */
export function removeOld(
  database: Database,
  { logs, audit }: Kept,
  now: number,
  goesOn: () => boolean = () => true,
): Promise<Removed> {
  const { kind } = database;
  return database.upkeep(async (piece) => {
    const repeat = (statement: RawBuilder<unknown>): Promise<number> =>
      repeated(() => piece((transaction) => affectedBy(statement, transaction)), goesOn);
    await repeat(sql`delete from dheera_spend_batches where batch_id in (
      select batch_id from dheera_spend_batches where booked_at < ${now - batchesKept}
      limit ${sql.lit(atOnce)} ${skipLocked(kind)})`);
    await repeat(sql`delete from dheera_spent where (owner_kind, owner_id, window_start) in (
      select owner_kind, owner_id, window_start from dheera_spent
      where window_start > 0 and window_start < ${now - windowsKept}
        and (owner_kind, owner_id, window_start) in (
          select owner_kind, owner_id, window_start from (
            select owner_kind, owner_id, window_start,
              row_number() over (partition by owner_kind, owner_id order by window_start desc) as place
            from dheera_spent where window_start > 0) numbered
          where place > ${sql.lit(windowsLeft)})
      limit ${sql.lit(atOnce)} ${skipLocked(kind)})`);
    return {
      logs:
        logs === undefined
          ? 0
          : await repeat(sql`delete from dheera_spend_logs where request_id in (
              select request_id from dheera_spend_logs where at < ${now - logs}
              limit ${sql.lit(atOnce)} ${skipLocked(kind)})`),
      audit:
        audit === undefined
          ? 0
          : await repeated(() => forgetAudit({ kind, transaction: piece }, now - audit, atOnce), goesOn),
    };
  });
}

/** Whose answers are deleted. A key is named by the hash under which it is booked. */
export interface Forgotten {
  readonly kind: "key" | "team";
  readonly id: string;
  /** Those of before this, in milliseconds since the epoch; all when absent. */
  readonly before?: number | undefined;
}

/**
 * Deletes single answers of a key or a team, by pieces. The audit log says so first, so that none is gone without a word. Sums of days
 * and what counts against budgets stay: they name nobody who asked, and money that is spent stays spent.
 * @param goesOn asked before each piece
 * @returns how many answers there were
 * @throws DheeraError `timeout` where the database needs too long for a piece, `unavailable` where it is to go on no more; asked again,
 * it goes on with the rest
 */
export function removeAnswersOf(
  database: Database,
  { kind, id, before }: Forgotten,
  actor: Actor,
  now: number,
  goesOn: () => boolean = () => true,
): Promise<number> {
  const column = sql.ref(columns[kind]);
  const until = before === undefined ? sql`` : sql`and at < ${before}`;
  return database.upkeep(async (piece) => {
    const asked = JSON.stringify({ of: kind, before: before === undefined ? null : new Date(before).toISOString() });
    const entry = { actor: actor.name, action: "deleted", kind: "spend", object_id: id, before: null, after: asked };
    await piece(async (transaction) => {
      await transaction
        .insertInto("dheera_audit")
        .values({ id: randomUUID(), at: now, ...entry })
        .execute();
    });
    const statement = sql`delete from dheera_spend_logs where request_id in (
      select request_id from dheera_spend_logs where ${column} = ${id} ${until} limit ${sql.lit(atOnce)})`;
    const removed = await repeated(() => piece((transaction) => affectedBy(statement, transaction)), goesOn);
    if (!goesOn())
      throw new DheeraError("unavailable", `the process stops; ${removed} answers are deleted, ask again for the rest`);
    return removed;
  });
}

const columns = { key: "key_hash", team: "team_id" } as const satisfies Record<Forgotten["kind"], string>;

async function affectedBy(statement: RawBuilder<unknown>, transaction: Transaction<Tables>): Promise<number> {
  const { numAffectedRows } = await statement.execute(transaction);
  return Number(numAffectedRows ?? 0);
}

async function repeated(piece: () => Promise<number>, goesOn: () => boolean = () => true): Promise<number> {
  let removed = 0;
  while (goesOn()) {
    const rows = await piece();
    removed += rows;
    if (rows < atOnce) break;
  }
  return removed;
}
