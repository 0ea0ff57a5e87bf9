import { randomUUID } from "node:crypto";

import type { Database } from "../../database/open-database.ts";
import type { SpendDayRow } from "../../database/tables.ts";
import type { Nanodollars } from "../../money.ts";
import type { Account } from "../budgets/account.ts";
import { keyOf } from "../budgets/accounts.ts";
import type { Answered } from "../spending.ts";

/** Answers that are booked together, once: as the journal has them, and as the database takes them. */
export interface Batch {
  readonly id: string;
  /** When it was closed, in milliseconds since the epoch; no two of a process have the same. */
  readonly at: number;
  readonly answers: number;
  readonly charges: readonly Charge[];
  readonly days: readonly SpendDayRow[];
  /** Rows of `dheera_spend_logs`, in the order of `logColumns`. */
  readonly logs: readonly (readonly Cell[])[];
}

/** What one owner spent in one time of its budget. */
export interface Charge {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly start: number;
  /** Absent: never. */
  readonly end?: number;
  readonly cost: Nanodollars;
  /** Of its budget, for who is told; absent where it has none. */
  readonly max?: Nanodollars;
  readonly soft?: Nanodollars;
}

/** A budget that is nearly spent or spent, and was not before. */
export interface Mark {
  readonly type: "budget.nearly_spent" | "budget.spent";
  readonly charge: Charge;
  readonly spent: Nanodollars;
  /** What tells it from the next of its owner and its time. */
  readonly occasion: number | string;
}

/** An answer and the accounts that pay it. */
export interface Entry {
  readonly answered: Answered;
  readonly accounts: readonly Account[];
  /** What the accounts pay. */
  readonly cost: Nanodollars;
}

/** Answers of a batch. A transaction of so many takes SQLite, which is of this process, two milliseconds, and PostgreSQL twenty. */
const mostAnswers: Readonly<Record<Database["kind"], number>> = { sqlite: 500, postgresql: 2_000 };

/** A batch of this process, and what its accounts pay. */
export interface Closed {
  readonly batch: Batch;
  readonly paid: ReadonlyMap<Account, Nanodollars>;
}

/** @param at of the first; no two of a process may have the same */
export function closeBatches(
  entries: readonly Entry[],
  at: number,
  { kind, withLogs }: { readonly kind: Database["kind"]; readonly withLogs: boolean },
): readonly Closed[] {
  const closed: Closed[] = [];
  const most = mostAnswers[kind];
  for (let first = 0; first < entries.length; first += most)
    closed.push(closeBatch(entries.slice(first, first + most), at + closed.length, withLogs));
  return closed;
}

function closeBatch(entries: readonly Entry[], at: number, withLogs: boolean): Closed {
  const paid = paidBy(entries);
  const batch: Batch = {
    id: randomUUID(),
    at,
    answers: entries.length,
    charges: chargesFor(paid),
    days: daysOf(entries),
    logs: withLogs ? entries.map(({ answered }) => logRow(answered)) : [],
  };
  return { batch, paid };
}

function paidBy(entries: readonly Entry[]): ReadonlyMap<Account, Nanodollars> {
  const paid = new Map<Account, Nanodollars>();
  for (const { accounts, cost } of entries)
    for (const account of accounts) paid.set(account, (paid.get(account) ?? 0) + cost);
  return paid;
}

/** Each owner in the time of its budget, and, for all its time, beside it: a budget that is given later begins with what was spent. */
function chargesFor(paid: ReadonlyMap<Account, Nanodollars>): readonly Charge[] {
  const charges = new Map<string, { -readonly [Field in keyof Charge]: Charge[Field] }>();
  function charge(account: Account, start: number, cost: Nanodollars): void {
    const key = keyOf(account.kind, account.id, start);
    const known = charges.get(key);
    if (known === undefined)
      charges.set(key, {
        kind: account.kind,
        id: account.id,
        name: account.name,
        start,
        cost,
        ...budgetOf(account, start),
      });
    else known.cost += cost;
  }
  for (const [account, cost] of paid) {
    charge(account, account.windowStart, cost);
    if (account.windowStart !== 0) charge(account, 0, cost);
  }
  // Their rows are locked in this order, and in this order by whoever takes room in budgets.
  return [...charges].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, sum]) => sum);
}

function budgetOf({ windowStart, windowEnd, max, soft }: Account, start: number): Pick<Charge, "end" | "max" | "soft"> {
  if (start !== windowStart) return {};
  return {
    ...(Number.isFinite(windowEnd) ? { end: windowEnd } : {}),
    ...(max === undefined ? {} : { max }),
    ...(soft === undefined ? {} : { soft }),
  };
}

/** Found by their keys, of which each has few: to make one text of all that tells them apart would cost more than the rest of a batch. */
function daysOf(entries: readonly Entry[]): readonly SpendDayRow[] {
  const ofKeys = new Map<string, SpendDayRow[]>();
  const rows: SpendDayRow[] = [];
  for (const { answered } of entries) {
    let ofKey = ofKeys.get(answered.key_hash);
    if (ofKey === undefined) ofKeys.set(answered.key_hash, (ofKey = []));
    const day = dayOf(answered.at);
    let sums = ofKey.find((row) => isOf(row, answered, day));
    if (sums === undefined) {
      sums = emptyDay(answered, day);
      ofKey.push(sums);
      rows.push(sums);
    }
    sums.requests += 1;
    if (answered.status >= 400) sums.errors += 1;
    if (answered.cost === null) sums.unknown_costs += 1;
    sums.cost += count(answered.cost);
    sums.saved_cost += count(answered.saved_cost);
    sums.documents += count(answered.documents);
    sums.tokens += count(answered.tokens);
    sums.cache_hits += count(answered.cache_hits);
  }
  return rows.some((row) => dayKeys.some((name) => !isStorable(row[name])))
    ? joined(rows.map(cleanDay))
    : rows.sort(byKeys);
}

/** What tells sums of days apart, in this order. */
export const dayKeys = ["day", "key_hash", "team_id", "user_id", "organization_id", "model", "provider"] as const;

function isOf(row: SpendDayRow, answered: Answered, day: string): boolean {
  return (
    row.model === answered.model &&
    row.provider === (answered.provider ?? "") &&
    row.day === day &&
    row.team_id === (answered.team_id ?? "") &&
    row.user_id === (answered.user_id ?? "") &&
    row.organization_id === (answered.organization_id ?? "")
  );
}

function emptyDay(answered: Answered, day: string): SpendDayRow {
  return {
    day,
    key_hash: answered.key_hash,
    team_id: answered.team_id ?? "",
    user_id: answered.user_id ?? "",
    organization_id: answered.organization_id ?? "",
    model: answered.model,
    provider: answered.provider ?? "",
    requests: 0,
    errors: 0,
    unknown_costs: 0,
    cost: 0,
    saved_cost: 0,
    documents: 0,
    tokens: 0,
    cache_hits: 0,
  };
}

function byKeys(one: SpendDayRow, other: SpendDayRow): number {
  for (const name of dayKeys) if (one[name] !== other[name]) return one[name] < other[name] ? -1 : 1;
  return 0;
}

function cleanDay(row: SpendDayRow): SpendDayRow {
  const cleaned = { ...row };
  for (const name of dayKeys) cleaned[name] = clean(row[name]);
  return cleaned;
}

/** Texts that were apart may be the same once they are clean, and no statement may add to one row twice. */
function joined(rows: readonly SpendDayRow[]): readonly SpendDayRow[] {
  const all: SpendDayRow[] = [];
  for (const row of rows) {
    const same = all.find((known) => byKeys(known, row) === 0);
    if (same === undefined) all.push(row);
    else for (const name of daySums) same[name] += row[name];
  }
  return all.sort(byKeys);
}

export const daySums = [
  "requests",
  "errors",
  "unknown_costs",
  "cost",
  "saved_cost",
  "documents",
  "tokens",
  "cache_hits",
] as const;

const dayLength = 86_400_000;
let lastDay = { number: Number.NaN, text: "" };

/** In UTC. */
function dayOf(at: number): string {
  const number = Math.floor(at / dayLength);
  if (number !== lastDay.number) lastDay = { number, text: new Date(number * dayLength).toISOString().slice(0, 10) };
  return lastDay.text;
}

/** In this order are the cells of a row. */
export const logColumns = [
  "request_id",
  "call_id",
  "at",
  "key_hash",
  "key_name",
  "team_id",
  "user_id",
  "organization_id",
  "tags",
  "model",
  "deployment",
  "provider",
  "status",
  "cost",
  "saved_cost",
  "documents",
  "tokens",
  "cache_hits",
  "milliseconds",
] as const;

export type Cell = string | number | null;

function logRow(answered: Answered): readonly Cell[] {
  return [
    clean(answered.request_id),
    clean(answered.call_id),
    count(answered.at),
    clean(answered.key_hash),
    clean(answered.key_name),
    cleanOrNull(answered.team_id),
    cleanOrNull(answered.user_id),
    cleanOrNull(answered.organization_id),
    textOf(answered.tags),
    clean(answered.model),
    cleanOrNull(answered.deployment),
    cleanOrNull(answered.provider),
    count(answered.status),
    answered.cost === null ? null : count(answered.cost),
    answered.saved_cost === null ? null : count(answered.saved_cost),
    count(answered.documents),
    count(answered.tokens),
    count(answered.cache_hits),
    Number.isFinite(answered.milliseconds) ? answered.milliseconds : 0,
  ];
}

/** A whole number that both databases take, whatever a provider counted. */
export function count(value: number | null): number {
  return value !== null && Number.isSafeInteger(Math.round(value)) ? Math.round(value) : 0;
}

/** Read as JSON by the database itself, when it sums for each tag. */
function textOf(tags: readonly string[]): string {
  if (tags.length === 0) return "[]";
  const json = JSON.stringify(tags);
  return json.includes("\\u0000") || json.includes("\\ud") ? JSON.stringify(tags.map(clean)) : json;
}

const nul = String.fromCharCode(0);

function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes(nul);
}

/** PostgreSQL takes no NUL and no half of a surrogate pair, which callers may send in ids and names of models. */
function clean(value: string): string {
  return isStorable(value) ? value : value.toWellFormed().replaceAll(nul, "\u{fffd}");
}

function cleanOrNull(value: string | null): string | null {
  return value === null ? null : clean(value);
}
