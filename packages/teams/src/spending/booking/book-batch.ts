import type { Database } from "../../database/open-database.ts";
import { budgetEvent } from "../../events/budget-event.ts";
import { recordEvent } from "../../events/record-event.ts";
import type { Nanodollars } from "../../money.ts";
import { keyOf } from "../budgets/accounts.ts";
import type { Log } from "../../teams.ts";
import { isAway, type Lane, type Run } from "../lane.ts";
import type { Batch, Charge } from "./batch.ts";
import { findMarks } from "./find-marks.ts";
import { addAtOnce, addInSteps, type Held, readSpent } from "./statements.ts";

export interface Booked {
  /** False: it had been booked before, and nothing was changed. */
  readonly isNew: boolean;
  readonly spent: readonly { readonly charge: Charge; readonly spent: Nanodollars }[];
}

export interface Booking {
  readonly kind: Database["kind"];
  readonly batch: Batch;
  readonly replicaId: string;
  /** Of the replica whose answers they are; none where they are another's. Asked within the transaction. */
  readonly held: () => readonly Held[];
  readonly now: () => number;
  /** The share of a budget from which it is nearly spent, where it has no soft limit. */
  readonly warnsAt: number;
}

/**
 * Books a batch with all its effects, or nothing where it was booked before: its id and its effects are of one transaction. Where it is
 * refused as a whole it is tried without its events: what was spent counts, whether somebody can be told of it or not.
 * @throws what the second attempt threw, or what the first did where that may pass
 */
export async function bookOrLeaveEvents(lane: Lane, log: Log, booking: Booking): Promise<Booked> {
  try {
    return await lane.transact((run) => bookBatch(run, booking, true));
  } catch (error) {
    if (isAway(error)) throw error;
    const booked = await lane.transact((run) => bookBatch(run, booking, false));
    log.error("webhooks are not told what follows of answers, which are booked", { batch: booking.batch.id, error });
    return booked;
  }
}

async function bookBatch(
  run: Run,
  { kind, batch, replicaId, held: heldNow, now, warnsAt }: Booking,
  withEvents: boolean,
): Promise<Booked> {
  const held = heldNow();
  const add = kind === "postgresql" ? addAtOnce : addInSteps;
  const { isNew, added } = await add(run, { batch, replicaId, held, now: Math.floor(now()) });
  const rows = isNew ? added : await readSpent(run, kind, batch.charges);
  const charges = new Map(batch.charges.map((charge) => [keyOf(charge.kind, charge.id, charge.start), charge]));
  const spent = rows.flatMap((row) => {
    const charge = charges.get(keyOf(row.owner_kind, row.owner_id, row.window_start));
    return charge === undefined ? [] : [{ charge, row, spent: row.spent }];
  });
  // What a batch that was booked before had to tell is of the transaction that booked it.
  const marks = isNew ? await findMarks(run, spent, { at: batch.at, now: now(), warnsAt }) : [];
  for (const mark of withEvents ? marks : []) await recordEvent(run, kind, await budgetEvent(run, mark, batch.at), now);
  return { isNew, spent };
}
