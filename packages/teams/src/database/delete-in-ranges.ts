import { type RawBuilder, sql } from "kysely";

import type { Database } from "./open-database.ts";
import type { Tables } from "./tables.ts";

/** Rows that one statement looks at, and of these the most that it deletes: some milliseconds each. */
const seenAtOnce = 10_000;
const deletedAtOnce = 1_000;

/**
 * Deletes rows of SQLite that no index finds: all are looked at, a few thousand in a transaction. From the newest to the oldest, because
 * `vacuum`, which may come between two pieces, gives rows smaller numbers alone; what is added meanwhile is left.
 * @param condition of columns of the table
 * @param goesOn asked before each piece
 * @returns how many rows
 */
export async function deleteInRanges(
  piece: Database["transaction"],
  table: keyof Tables,
  condition: RawBuilder<unknown>,
  goesOn: () => boolean = () => true,
): Promise<number> {
  const { first, last } = await piece((transaction) => readEnds(transaction, table));
  let removed = 0;
  for (let end = last + 1; end > first && goesOn();) {
    const begin = Math.max(end - seenAtOnce, first);
    const statement = sql`delete from ${sql.table(table)} where rowid in (
      select rowid from ${sql.table(table)} not indexed where rowid >= ${begin} and rowid < ${end} and ${condition}
      order by rowid desc limit ${sql.lit(deletedAtOnce)})`;
    const { numAffectedRows = 0n } = await piece((transaction) => statement.execute(transaction));
    removed += Number(numAffectedRows);
    if (numAffectedRows < deletedAtOnce) end = begin;
  }
  return removed;
}

interface Ends {
  readonly first: number;
  readonly last: number;
}

/** Where there are no rows, nothing is between them. */
async function readEnds(db: Database["db"], table: keyof Tables): Promise<Ends> {
  const { rows } = await sql<Ends>`select (select coalesce(min(rowid), 1) from ${sql.table(table)}) as first,
    (select coalesce(max(rowid), 0) from ${sql.table(table)}) as last`.execute(db);
  return rows[0] ?? { first: 1, last: 0 };
}
