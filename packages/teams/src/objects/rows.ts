import { type Kysely, sql } from "kysely";

import type { Tables } from "../database/tables.ts";

export type Where<Row> = { readonly [Column in keyof Row]?: Row[Column] | readonly string[] | undefined };

export async function selectRows<Row>(
  db: Kysely<Tables>,
  table: keyof Tables,
  where: Where<Row>,
): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`select * from ${sql.table(table)} where ${matching(where)}`.execute(db);
  return rows;
}

export async function insertRow(db: Kysely<Tables>, table: keyof Tables, row: object): Promise<void> {
  const columns = sql.join(Object.keys(row).map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(row))})`.execute(db);
}

export async function updateRows<Row>(
  db: Kysely<Tables>,
  table: keyof Tables,
  changes: object,
  where: Where<Row>,
): Promise<void> {
  const set = sql.join(Object.entries(changes).map(([column, value]) => sql`${sql.ref(column)} = ${value}`));
  await sql`update ${sql.table(table)} set ${set} where ${matching(where)}`.execute(db);
}

export async function deleteRows<Row>(db: Kysely<Tables>, table: keyof Tables, where: Where<Row>): Promise<void> {
  await sql`delete from ${sql.table(table)} where ${matching(where)}`.execute(db);
}

/** All of them hold; what is undefined does not count; of a list any may. */
export function matching<Row>(where: Where<Row>): ReturnType<typeof sql<boolean>> {
  const conditions = Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) =>
      Array.isArray(value) ? isOneOf(column, value) : sql<boolean>`${sql.ref(column)} = ${value}`,
    );
  return conditions.length === 0 ? sql<boolean>`1 = 1` : sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

function isOneOf(column: string, values: readonly unknown[]): ReturnType<typeof sql<boolean>> {
  return values.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${sql.ref(column)} in (${sql.join(values)})`;
}

/**
 * Any of the columns holds the text, in small letters or large ones; all rows where none is searched for. SQLite knows the letters of
 * ASCII alone in both sizes.
 */
export function holding<Row>(
  columns: readonly (keyof Row & string)[],
  search: string | undefined,
): ReturnType<typeof sql<boolean>> {
  if (search === undefined) return sql<boolean>`1 = 1`;
  // What stands for any text in a pattern is a letter like others here.
  const pattern = `%${search.replaceAll(/[!%_]/g, "!$&")}%`;
  const found = columns.map((column) => sql<boolean>`lower(${sql.ref(column)}) like lower(${pattern}) escape '!'`);
  return sql<boolean>`(${sql.join(found, sql` or `)})`;
}
