import { CompiledQuery, type RawBuilder, sql } from "kysely";

import type { Database } from "../../database/open-database.ts";
import { EachRow } from "../../database/each-row.ts";
import { prepare, type Slot } from "../../database/prepare.ts";
import type { SpentRow } from "../../database/tables.ts";
import type { Nanodollars } from "../../money.ts";
import type { Run } from "../lane.ts";
import { clock, real, rowsOf, text, whole } from "../sql.ts";
import type { Batch, Charge } from "./batch.ts";
import { dayKeys, daySums } from "./days.ts";
import { logColumns } from "./log-rows.ts";

/** What a replica holds of a budget once a batch is booked. */
export interface Held {
  readonly kind: string;
  readonly id: string;
  readonly start: number;
  readonly amount: Nanodollars;
}

/** What is to be written. */
export interface Addition {
  readonly batch: Batch;
  readonly replicaId: string;
  readonly held: readonly Held[];
  /** Milliseconds since the epoch, where the database has no clock of its own. */
  readonly now: number;
}

export interface Added {
  /** False: the batch had been booked before, and nothing but `held` was written. */
  readonly isNew: boolean;
  /** What owners have spent now, where it is new. */
  readonly added: readonly SpentRow[];
}

/** By one statement, because each way to the server and back costs a process more than what is sent. For PostgreSQL. */
export async function addAtOnce(run: Run, addition: Addition): Promise<Added> {
  const rows = await run(all("postgresql", valuesOf(addition)));
  const added = rows.flatMap((row) => (row.owner_id === null ? [] : [{ ...row, owner_id: row.owner_id }]));
  return { isNew: rows[0]?.is_new === 1, added };
}

/** By a statement for each table. For SQLite, which is of this process and takes rows one by one. */
export async function addInSteps(run: Run, addition: Addition): Promise<Added> {
  const values = valuesOf(addition);
  const { batch, held } = addition;
  const [first] = await run(addBatch("sqlite", values));
  const isNew = first !== undefined;
  if (isNew && batch.logs.length > 0) await run(CompiledQuery.raw(addLog, [new EachRow(batch.logs)]));
  if (isNew) await run(addDays("sqlite", values));
  const added = isNew ? await run(addSpent("sqlite", values)) : [];
  if (held.length > 0) await run(addHeld("sqlite", values));
  return { isNew, added };
}

/** Of owners of a batch that was booked before. */
export async function readSpent(
  run: Run,
  kind: Database["kind"],
  charges: readonly Charge[],
): Promise<readonly SpentRow[]> {
  const json = JSON.stringify(charges.map(({ kind: of, id, start }) => [of, id, start]));
  return run(sql<SpentRow>`select ${spentColumns("s")} from dheera_spent s, ${rowsOf(kind, json)}
    where s.owner_kind = ${text(0)} and s.owner_id = ${text(1)} and s.window_start = ${whole(2)}`);
}

/** One value for each, however many rows: lists are JSON. */
interface Values {
  readonly id: string;
  readonly answers: number;
  readonly logs: string;
  readonly days: string;
  readonly charges: string;
  readonly held: string;
  readonly replica: string;
  readonly now: number;
}

function valuesOf({ batch, replicaId, held, now }: Addition): Values {
  return {
    id: batch.id,
    answers: batch.answers,
    get logs() {
      return JSON.stringify(batch.logs);
    },
    days: JSON.stringify(batch.days.map((row) => dayColumns.map((name) => row[name]))),
    charges: JSON.stringify(batch.charges.map(({ kind, id, start, cost }) => [kind, id, start, cost])),
    held: JSON.stringify(held.map(({ kind, id, start, amount }) => [kind, id, start, amount])),
    replica: replicaId,
    now,
  };
}

type Kind = Database["kind"];
type Parts = (kind: Kind, slot: Slot<Values>, from?: RawBuilder<unknown>) => RawBuilder<unknown>;

const dayColumns = [...dayKeys, ...daySums];

const batchPart: Parts = (kind, slot) => sql`
  insert into dheera_spend_batches (batch_id, booked_at, answers)
  values (${slot("id")}, ${clock(kind, slot("now"))}, ${slot("answers")})
  on conflict (batch_id) do nothing returning batch_id`;

const logsPart: Parts = (kind, slot, from = sql``) => sql`
  insert into dheera_spend_logs (${columns(logColumns)})
  select ${sql.join(logColumns.map((name, index) => cells[name](index)))} from ${from} ${rowsOf(kind, slot("logs"))}
  where true
  on conflict (request_id) do nothing`;

const daysPart: Parts = (kind, slot, from = sql``) => sql`
  insert into dheera_spend_days (${columns(dayColumns)})
  select ${sql.join(dayKeys.map((_, index) => text(index)))},
    ${sql.join(daySums.map((_, index) => whole(dayKeys.length + index)))}
  from ${from} ${rowsOf(kind, slot("days"))} where true
  on conflict (${columns(dayKeys)}) do update set ${sql.join(
    daySums.map(
      (name) => sql`${sql.ref(name)} = ${sql.ref(`dheera_spend_days.${name}`)} + ${sql.ref(`excluded.${name}`)}`,
    ),
  )}`;

const spentPart: Parts = (kind, slot, from = sql``) => sql`
  insert into dheera_spent (owner_kind, owner_id, window_start, spent)
  select ${text(0)}, ${text(1)}, ${whole(2)}, ${whole(3)} from ${from} ${rowsOf(kind, slot("charges"))} where true
  on conflict (owner_kind, owner_id, window_start) do update set spent = dheera_spent.spent + excluded.spent
  returning ${spentColumns()}`;

const heldPart: Parts = (kind, slot, from = sql``) => sql`
  insert into dheera_allowances (owner_kind, owner_id, window_start, replica_id, amount, wanted, updated_at)
  select ${text(0)}, ${text(1)}, ${whole(2)}, ${slot("replica")}, ${whole(3)}, 0, ${clock(kind, slot("now"))}
  from ${from} ${rowsOf(kind, slot("held"))} where true
  on conflict (owner_kind, owner_id, window_start, replica_id)
  do update set amount = excluded.amount, updated_at = excluded.updated_at`;

const addBatch = prepare<{ readonly batch_id: string }, Values>((kind, slot) => sql`${batchPart(kind, slot)}`);
const addDays = prepare<unknown, Values>((kind, slot) => sql`${daysPart(kind, slot)}`);
const addSpent = prepare<SpentRow, Values>((kind, slot) => sql`${spentPart(kind, slot)}`);
const addHeld = prepare<unknown, Values>((kind, slot) => sql`${heldPart(kind, slot)}`);

/**
 * Each part reads how many rows the one before wrote, which has them done in this order: days, what was spent, what is held. Within each,
 * rows are locked one by one in the order of its list, whether they are new or not. Whoever locks the same has to follow this order, or skip
 * what is locked: else two transactions wait for each other until the server ends one.
 */
const all = prepare<OfAll, Values>(
  (kind, slot) => sql`
  with batch as (${batchPart(kind, slot)}),
    logs as (${logsPart(kind, slot, sql`batch,`)}),
    days as (${daysPart(kind, slot, sql`batch,`)} returning 1),
    daysdone as (select count(*) from days),
    spent as (${spentPart(kind, slot, sql`batch, daysdone,`)}),
    spentdone as (select count(*) from spent),
    held as (${heldPart(kind, slot, sql`spentdone,`)})
  select (select cast(count(*) as integer) from batch) as is_new, s.* from spentdone left join spent s on true`,
);

interface OfAll extends Omit<SpentRow, "owner_id"> {
  readonly is_new: number;
  /** Null where nothing was added: one row is there at least. */
  readonly owner_id: string | null;
}

/** Values one by one: what is read as JSON is written as JSON before. */
const addLog = `insert into dheera_spend_logs (${logColumns.join(", ")}) values (${logColumns.map(() => "?").join(", ")})
  on conflict (request_id) do nothing`;

function columns(names: readonly string[]): RawBuilder<unknown> {
  return sql.join(names.map((name) => sql.ref(name)));
}

function spentColumns(of?: string): RawBuilder<unknown> {
  const names = ["owner_kind", "owner_id", "window_start", "spent", "warned_at", "exhausted_at"];
  return columns(of === undefined ? names : names.map((name) => `${of}.${name}`));
}

const cells: Readonly<Record<(typeof logColumns)[number], (index: number) => RawBuilder<unknown>>> = {
  request_id: text,
  call_id: text,
  at: whole,
  key_hash: text,
  key_name: text,
  team_id: text,
  user_id: text,
  organization_id: text,
  tags: text,
  model: text,
  deployment: text,
  provider: text,
  status: whole,
  cost: whole,
  saved_cost: whole,
  documents: whole,
  tokens: whole,
  cache_hits: whole,
  milliseconds: real,
};
