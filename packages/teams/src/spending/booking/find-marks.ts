import { sql } from "kysely";

import type { SpentRow } from "../../database/tables.ts";
import { readBudget } from "../../grants/read-budget.ts";
import { type Nanodollars, toNanodollars } from "../../money.ts";
import { ownerKinds } from "../../owners.ts";
import { windowFor } from "../budgets/accounts.ts";
import type { Run } from "../lane.ts";
import type { Charge, Mark } from "./batch.ts";

/** What an owner was charged, and what it has spent since. */
export interface Charged {
  readonly charge: Charge;
  readonly row: SpentRow;
}

interface Found {
  /** When the batch was closed, in milliseconds since the epoch. */
  readonly at: number;
  readonly now: number;
  /** The share of a budget from which it is nearly spent, where it has no soft limit. */
  readonly warnsAt: number;
}

/**
 * Marks are set in the transaction that crossed the line, which has the row's lock: once over all replicas. A budget that was raised loses
 * them. The lines of a batch may be of the time before a change, so that they only say where to look: what counts is the budget as the
 * transaction finds it.
 */
export async function findMarks(run: Run, charged: readonly Charged[], found: Found): Promise<readonly Mark[]> {
  const marks: Mark[] = [];
  for (const { charge: booked, row } of charged) {
    if (!isChanged(row, marksOf(booked, row, found))) continue;
    const current = await currentOf(run, booked, found.now);
    if (current === undefined) continue;
    const { charge, occasion = found.at } = current;
    const next = marksOf(charge, row, found);
    if (!isChanged(row, next)) continue;
    const tell = (type: Mark["type"]): void => void marks.push({ type, charge, spent: row.spent, occasion });
    if (row.warned_at === null && next.warned !== null) tell("budget.nearly_spent");
    if (row.exhausted_at === null && next.exhausted !== null) tell("budget.spent");
    await run(sql`update dheera_spent set warned_at = ${next.warned}, exhausted_at = ${next.exhausted}
      where owner_kind = ${charge.kind} and owner_id = ${charge.id} and window_start = ${charge.start}`);
  }
  return marks;
}

interface Marks {
  readonly warned: number | null;
  readonly exhausted: number | null;
}

function marksOf(charge: Charge, row: SpentRow, { at, warnsAt }: Found): Marks {
  return {
    warned: markOf(row.warned_at, warningLine(charge, warnsAt), row.spent, at),
    exhausted: markOf(row.exhausted_at, charge.max, row.spent, at),
  };
}

function isChanged(row: SpentRow, { warned, exhausted }: Marks): boolean {
  return warned !== row.warned_at || exhausted !== row.exhausted_at;
}

/** Nanodollars. */
function warningLine({ soft, max }: Charge, warnsAt: number): Nanodollars | undefined {
  if (soft !== undefined) return soft;
  // Where only the whole is told, there is nothing to warn of.
  return max === undefined || warnsAt >= 1 ? undefined : Math.ceil(max * warnsAt);
}

/** A line of 0 is crossed by whoever begins, which is no news. */
function markOf(known: number | null, line: Nanodollars | undefined, spent: Nanodollars, at: number): number | null {
  if (line === undefined) return known;
  return spent < line || line === 0 ? null : (known ?? at);
}

interface Current {
  readonly charge: Charge;
  /** What tells an event from the next of its kind, where it is not the time. */
  readonly occasion?: string;
}

/** @returns undefined where nothing is to be told: the owner is gone, or the time of its budget is over or another by now */
async function currentOf(run: Run, charge: Charge, now: number): Promise<Current | undefined> {
  const { end: _end, max, soft, ...rest } = charge;
  const kind = ownerKinds.find((one) => one === charge.kind);
  const owner = kind === undefined ? undefined : await readBudget(run, kind, charge.id);
  if (owner === undefined) {
    // One of the configuration: replicas that have it with another budget would set and take its marks in turn.
    const isTold = kind === "key" && now < (charge.end ?? Number.POSITIVE_INFINITY);
    return isTold ? { charge, occasion: `${max} ${soft}` } : undefined;
  }
  const { budget } = owner;
  if (budget === undefined) return undefined;
  const { start, end } = windowFor(budget, now);
  if (start !== charge.start) return undefined;
  return {
    charge: {
      ...rest,
      ...(Number.isFinite(end) && { end }),
      ...(budget.max !== undefined && { max: toNanodollars(budget.max) }),
      ...(budget.soft !== undefined && { soft: toNanodollars(budget.soft) }),
    },
  };
}
