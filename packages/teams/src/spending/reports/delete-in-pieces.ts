import { type RawBuilder, sql } from "kysely";

import type { Database } from "../../database/open-database.ts";

/** Rows of one statement: locks are short, and SQLite, which is of this process, has it stand still for milliseconds. */
export const deletedAtOnce = 1_000;

/**
 * Repeats a statement that deletes so many rows at most, until it finds fewer.
 * @param goesOn asked before each piece
 * @returns how many rows
 */
export function deleteInPieces(
  piece: Database["transaction"],
  statement: (most: RawBuilder<number>) => RawBuilder<unknown>,
  goesOn: () => boolean,
): Promise<number> {
  const made = statement(sql.lit(deletedAtOnce));
  return repeatWhileFull(async () => {
    const { numAffectedRows } = await piece((transaction) => made.execute(transaction));
    return Number(numAffectedRows ?? 0);
  }, goesOn);
}

/** @param remove deletes `deletedAtOnce` rows, or all that there are, and says how many */
export async function repeatWhileFull(remove: () => Promise<number>, goesOn: () => boolean): Promise<number> {
  let removed = 0;
  while (goesOn()) {
    const rows = await remove();
    removed += rows;
    if (rows < deletedAtOnce) break;
  }
  return removed;
}
