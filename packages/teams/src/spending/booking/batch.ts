import { randomUUID } from "node:crypto";

import type { SpendDayRow } from "../../database/tables.ts";
import type { Nanodollars } from "../../money.ts";
import type { Account } from "../budgets/account.ts";
import { keyOf } from "../budgets/accounts.ts";
import { daysOf } from "./days.ts";
import { type LogRows, logRows } from "./log-rows.ts";
import type { OpenAnswers } from "./open-answers.ts";

/** Answers that are booked together, once: as the journal has them, and as the database takes them. */
export interface Batch {
  readonly id: string;
  /** When it was closed, in milliseconds since the epoch; no two of a process have the same. */
  readonly at: number;
  readonly answers: number;
  readonly charges: readonly Charge[];
  readonly days: readonly SpendDayRow[];
  /** Rows of `dheera_spend_logs`, in the order of `logColumns`. */
  readonly logs: LogRows;
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

/**
 * Answers of a batch: the fewer batches, the less is written twice of sums that many answers share. A transaction of so many takes SQLite,
 * which is of this process, some ten milliseconds, in which it lets requests through, and PostgreSQL twenty.
 */
export const mostAnswers = 2_000;

/** A batch of this process, and what its accounts pay. */
export interface Closed {
  readonly batch: Batch;
  readonly paid: ReadonlyMap<Account, Nanodollars>;
}

/** @param at when it is closed; no two batches of this process may have the same */
export function closeBatch(answers: OpenAnswers, at: number, withLogs: boolean): Closed {
  const paid = paidBy(answers);
  const batch: Batch = {
    id: randomUUID(),
    at,
    answers: answers.length,
    charges: chargesFor(paid),
    days: daysOf(answers),
    logs: withLogs ? logRows(answers) : [],
  };
  return { batch, paid };
}

/** Answers of one key have one list of accounts. */
function paidBy(answers: OpenAnswers): ReadonlyMap<Account, Nanodollars> {
  const ofLists = new Map<readonly Account[], Nanodollars>();
  for (const { accounts, cost } of answers) ofLists.set(accounts, (ofLists.get(accounts) ?? 0) + cost);
  const paid = new Map<Account, Nanodollars>();
  for (const [accounts, cost] of ofLists)
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
