import { randomUUID } from "node:crypto";

import { type Kysely, sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { checkValues, refusal } from "./check-values.ts";
import { type Kind, references } from "./kinds.ts";
import { removeWithDependents } from "./remove.ts";
import { insertRow, matching, updateRows, type Where } from "./rows.ts";
import type { Found, Given, Page, Store } from "./stores.ts";
import type { Write, Writing } from "./write.ts";

/** @param related conditions for filters that are no columns of the table */
export function rowStore<Row extends object, Filter extends object>(
  database: Database,
  write: Write,
  kind: Kind<Row>,
  related: (filter: Filter) => {
    readonly columns: Where<Row>;
    readonly others?: ReturnType<typeof sql<boolean>> | undefined;
  },
): Store<Row, Filter> {
  return {
    get: (id) => getRow(database.db, kind, id),
    create: (actor, values) => write(actor, (writing) => createRow(writing, kind, values)),
    update: (actor, id, changes) => write(actor, (writing) => updateRow(writing, kind, id, changes)),
    remove: (actor, ids) => write(actor, (writing) => removeWithDependents(writing, kind, ids)),
    list(filter, page) {
      const { columns, others } = related(filter);
      const condition = others ? sql<boolean>`${matching(columns)} and ${others}` : matching(columns);
      const list = (db: Kysely<Tables>): Promise<Found<Row>> =>
        listRows<Row>(db, kind.table, condition, sql`created_at desc, ${sql.ref(kind.id)}`, page);
      // The long tables are those that can be searched; of the others the proxy itself lists models.
      return others ? database.report(list) : list(database.db);
    },
  };
}

async function getRow<Row>(db: Kysely<Tables>, kind: Kind<Row>, id: string): Promise<Row | undefined> {
  if (id.includes("\0")) return undefined;
  const { rows } = await sql<Row>`
    select * from ${sql.table(kind.table)} where ${sql.ref(kind.id)} = ${id}`.execute(db);
  return rows[0];
}

async function createRow<Row extends object>(writing: Writing, kind: Kind<Row>, values: Given<Row>): Promise<Row> {
  const given = definedOf(values);
  const id = Reflect.get(given, kind.id) ?? randomUUID();
  if (typeof id !== "string") throw refusal(kind.id, "must be a text");
  const row: Row = { ...kind.empty(id, writing.actor.name, writing.now), ...given };
  checkValues(row);
  const existing = await getRow(writing.transaction, kind, id);
  if (existing !== undefined) {
    if (!differs(existing, given)) return existing;
    throw refusal(kind.id, `${id} is taken; give another one, or update it`);
  }
  await checkRelations(writing, kind, given);
  await insertRow(writing.transaction, kind.table, row);
  writing.record({ action: "created", kind: kind.kind, id, after: row });
  return row;
}

async function updateRow<Row extends object>(
  writing: Writing,
  kind: Kind<Row>,
  id: string,
  changes: Given<Row>,
): Promise<Row> {
  const before = await getRow(writing.transaction, kind, id);
  if (before === undefined) throw refusal(kind.id, `there is no ${kind.kind} ${id}`);
  return changeRow(writing, kind, id, before, changes);
}

/** Writes nothing where nothing differs. */
export async function changeRow<Row extends object>(
  writing: Writing,
  kind: Pick<Kind<Row>, "kind" | "table" | "id" | "unique">,
  id: string,
  before: Row,
  changes: Given<Row>,
): Promise<Row> {
  const given = definedOf(changes);
  checkValues(given);
  if (!differs(before, given)) return before;
  if (differs(before, pick(given, [kind.id]))) throw refusal(kind.id, "cannot be changed");
  await checkRelations(writing, kind, changedOf(before, given));
  const after: Row = { ...before, ...given };
  const who = "updated_by" in before ? { updated_at: writing.now, updated_by: writing.actor.name } : {};
  const stored = { ...after, ...who };
  await updateRows(
    writing.transaction,
    kind.table,
    { ...given, ...who },
    whereId(kind.id, Reflect.get(before, kind.id)),
  );
  writing.record({ action: actionOf(before, after), kind: kind.kind, id, before, after: stored });
  return stored;
}

function actionOf(before: object, after: object): "updated" | "blocked" | "unblocked" {
  const blocked: unknown = Reflect.get(after, "blocked");
  if (Reflect.get(before, "blocked") === blocked) return "updated";
  return blocked === 1 ? "blocked" : "unblocked";
}

/**
 * Nobody else changes rows meanwhile, so what is free now stays free.
 * @throws DheeraError `invalid_request` naming the column
 */
export async function checkRelations<Row>(
  writing: Writing,
  kind: Pick<Kind<Row>, "kind" | "table" | "id" | "unique">,
  given: object,
): Promise<void> {
  for (const column of kind.unique) {
    const value: unknown = Reflect.get(given, column);
    if (value === undefined || value === null) continue;
    const { rows } = await sql`
      select 1 as found from ${sql.table(kind.table)} where ${sql.ref(column)} = ${value}`.execute(writing.transaction);
    if (rows.length > 0) throw refusal(column, `${String(value)} is taken by another ${kind.kind}`);
  }
  for (const [column, table] of Object.entries(references)) {
    const value: unknown = Reflect.get(given, column);
    if (value === undefined || value === null || column === kind.id) continue;
    const { rows } = await sql`
      select 1 as found from ${sql.table(table)} where ${sql.ref(column)} = ${value}`.execute(writing.transaction);
    if (rows.length === 0)
      throw refusal(column, `there is no ${column.replace("_id", "")} ${String(value)}; create it first`);
  }
}

export async function listRows<Row>(
  db: Kysely<Tables>,
  table: keyof Tables,
  condition: ReturnType<typeof sql<boolean>>,
  order: ReturnType<typeof sql>,
  { page, size }: Page,
): Promise<Found<Row>> {
  const from = sql`from ${sql.table(table)} where ${condition}`;
  const { rows } = await sql<Row>`
    select * ${from} order by ${order} limit ${size} offset ${(page - 1) * size}`.execute(db);
  const counted = await sql<{ total: number }>`select count(*) as total ${from}`.execute(db);
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

export function definedOf(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

export function differs(row: object, given: object): boolean {
  return Object.entries(given).some(([column, value]) => Reflect.get(row, column) !== value);
}

function changedOf(before: object, given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([column, value]) => Reflect.get(before, column) !== value));
}

function pick(values: object, columns: readonly string[]): object {
  return Object.fromEntries(Object.entries(values).filter(([column]) => columns.includes(column)));
}

function whereId(column: string, id: unknown): object {
  return { [column]: id };
}
