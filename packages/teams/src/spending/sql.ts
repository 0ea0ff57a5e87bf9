import { type RawBuilder, sql } from "kysely";

import type { Database } from "../database/open-database.ts";

type Kind = Database["kind"];

/**
 * Rows of a JSON list as a table `r` with one column `value`: one parameter however many rows, which costs a tenth of what a
 * placeholder a value does.
 */
export function rowsOf(kind: Kind, json: string | RawBuilder<unknown>): RawBuilder<unknown> {
  return kind === "postgresql"
    ? sql`json_array_elements(cast(${json} as json)) as r(value)`
    : sql`json_each(${json}) as r`;
}

/** Milliseconds since the epoch by the clock that all replicas share; SQLite's is that of this machine. */
export function clock(kind: Kind, now: RawBuilder<unknown>): RawBuilder<number> {
  return kind === "postgresql"
    ? sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
    : sql<number>`cast(${now} as bigint)`;
}

/** The same in a statement that is not prepared. */
export function clockOf(kind: Kind, now: () => number): RawBuilder<number> {
  return clock(kind, sql`${Math.floor(now())}`);
}

/** A cell of such a row. */
export function text(index: number): RawBuilder<string> {
  return sql`(r.value ->> ${sql.raw(String(index))})`;
}

export function whole(index: number): RawBuilder<number> {
  return sql`cast(${text(index)} as bigint)`;
}

export function real(index: number): RawBuilder<number> {
  return sql`cast(${text(index)} as double precision)`;
}
