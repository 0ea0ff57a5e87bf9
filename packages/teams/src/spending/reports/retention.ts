import { type RawBuilder, sql } from "kysely";

import { deleteInRanges } from "../../database/delete-in-ranges.ts";
import type { Database } from "../../database/open-database.ts";
import { forgetAudit, skipLocked } from "../../objects/forget-audit.ts";
import { deletedAtOnce, deleteInPieces, repeatWhileFull } from "./delete-in-pieces.ts";

/** For how long what is kept; milliseconds. Absent: for ever. */
export interface Kept {
  readonly logs?: number | undefined;
  readonly audit?: number | undefined;
}

export interface Removed {
  readonly logs: number;
  readonly audit: number;
}

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
    const repeat: Repeat = (statement) => deleteInPieces(piece, statement, goesOn);
    await (kind === "sqlite" ? removeBatchesOfSqlite(repeat, now) : removeBatches(repeat, now));
    if (kind === "sqlite") await deleteInRanges(piece, "dheera_spent", isOver(now), goesOn);
    else await removeWindows(repeat, now);
    return {
      logs:
        logs === undefined
          ? 0
          : await repeat(
              (most) => sql`delete from dheera_spend_logs where request_id in (
                select request_id from dheera_spend_logs where at < ${now - logs} limit ${most} ${skipLocked(kind)})`,
            ),
      audit:
        audit === undefined
          ? 0
          : await repeatWhileFull(() => forgetAudit({ kind, transaction: piece }, now - audit, deletedAtOnce), goesOn),
    };
  });
}

type Repeat = (statement: (most: RawBuilder<number>) => RawBuilder<unknown>) => Promise<number>;

function removeBatches(repeat: Repeat, now: number): Promise<number> {
  return repeat(
    (most) => sql`delete from dheera_spend_batches where batch_id in (
      select batch_id from dheera_spend_batches where booked_at < ${now - batchesKept}
      limit ${most} ${skipLocked("postgresql")})`,
  );
}

/** Rows are in the order in which they were booked: the first are the oldest, and nothing else has to be looked at. */
function removeBatchesOfSqlite(repeat: Repeat, now: number): Promise<number> {
  return repeat(
    (most) => sql`delete from dheera_spend_batches where booked_at < ${now - batchesKept} and rowid in (
      select rowid from dheera_spend_batches order by rowid limit ${most})`,
  );
}

function removeWindows(repeat: Repeat, now: number): Promise<number> {
  return repeat(
    (most) => sql`delete from dheera_spent where (owner_kind, owner_id, window_start) in (
      select owner_kind, owner_id, window_start from dheera_spent
      where window_start > 0 and window_start < ${now - windowsKept}
        and (owner_kind, owner_id, window_start) in (
          select owner_kind, owner_id, window_start from (
            select owner_kind, owner_id, window_start,
              row_number() over (partition by owner_kind, owner_id order by window_start desc) as place
            from dheera_spent where window_start > 0) numbered
          where place > ${sql.lit(windowsLeft)})
      limit ${most} ${skipLocked("postgresql")})`,
  );
}

/** The same as SQLite looks at each row by itself: so many of its owner are newer. */
function isOver(now: number): RawBuilder<unknown> {
  return sql`window_start > 0 and window_start < ${now - windowsKept} and exists (
    select 1 from dheera_spent newer where newer.owner_kind = dheera_spent.owner_kind
      and newer.owner_id = dheera_spent.owner_id and newer.window_start > dheera_spent.window_start
    limit 1 offset ${sql.lit(windowsLeft - 1)})`;
}
