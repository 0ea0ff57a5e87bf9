import type { Kysely } from "kysely";

import type { Tables } from "../database/tables.ts";
import { keyOf } from "../spending/budgets/accounts.ts";
import type { PlannedSpent } from "./plan.ts";

/** Rows of one statement: its parameters are bounded in both databases. */
const rowsAtOnce = 500;

/** Counts what was spent elsewhere, for owners who have spent nothing here yet. */
export async function carrySpent(db: Kysely<Tables>, spent: readonly PlannedSpent[]): Promise<void> {
  // In the order in which answers are booked, which may happen meanwhile.
  const ordered = spent
    .map((row) => ({ row, key: keyOf(row.kind, row.id, row.windowStart) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ row }) => row);
  for (let start = 0; start < ordered.length; start += rowsAtOnce)
    await db
      .insertInto("dheera_spent")
      .values(
        ordered.slice(start, start + rowsAtOnce).map(({ kind, id, windowStart, spent: amount }) => ({
          owner_kind: kind,
          owner_id: id,
          window_start: windowStart,
          spent: amount,
          warned_at: null,
          exhausted_at: null,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}
