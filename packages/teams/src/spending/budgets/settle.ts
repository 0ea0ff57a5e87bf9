import { sql } from "kysely";

import type { Database } from "../../database/open-database.ts";
import type { Lane, Run } from "../lane.ts";
import { clockOf, rowsOf, text, whole } from "../sql.ts";
import { type Account, freeOf, wake } from "./account.ts";
import { keyOf } from "./accounts.ts";
import { isAlive, type Replica } from "./replica.ts";

/**
 * Brings what a replica holds of budgets, and what it wants, into agreement with the database: takes what is wanted as far as there is
 * any, gives back what is not used, and learns what was spent. Its rows are written as they shall be, not as differences, so that a
 * commit of which nothing was heard does no harm.
 */
export async function settle(
  lane: Lane,
  kind: Database["kind"],
  replica: Replica,
  accounts: readonly Account[],
  now: () => number,
): Promise<void> {
  // As a batch has its charges: whoever takes the same locks in the same order waits for nobody who waits for it.
  const ordered = accounts.toSorted(byOwner);
  try {
    await lane
      .transact(async (run) => {
        for (const account of ordered) {
          if (!account.givesBack) continue;
          account.givesBack = false;
          account.isDoubtful = true;
          account.held -= Math.max(0, freeOf(account));
        }
        const figures = await readFigures(run, kind, replica, ordered, now);
        const rows = ordered.map((account) => rowOf(account, figures, replica));
        await writeRows(run, kind, replica.id, rows, now);
        return rows;
      })
      .then((rows) => {
        for (const { account, amount, wanted, spent, others } of rows) {
          account.held = amount;
          account.wantedThere = wanted;
          account.spent = spent;
          account.askedAt = now();
          account.othersHeld = others;
          account.isDoubtful = false;
        }
      });
  } catch (error) {
    for (const account of ordered) account.isDoubtful = true;
    throw error;
  } finally {
    for (const account of ordered) wake(account);
  }
}

export function byOwner(one: Account, other: Account): number {
  const [a, b] = [keyOf(one.kind, one.id, one.windowStart), keyOf(other.kind, other.id, other.windowStart)];
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Row {
  readonly account: Account;
  readonly amount: number;
  readonly wanted: number;
  readonly spent: number;
  readonly others: number;
}

type Figures = ReadonlyMap<string, { readonly spent: number; readonly others: number }>;

/** How much a replica gets: what is wanted, or more while much is left, so that most requests need not ask. */
function rowOf(account: Account, figures: Figures, { alive }: Replica): Row {
  const { spent = 0, others = 0 } = figures.get(keyOf(account.kind, account.id, account.windowStart)) ?? {};
  const left = (account.max ?? 0) - spent - others - account.held;
  const lacking = Math.max(0, account.wanted - Math.max(0, freeOf(account)));
  const more = lacking === 0 ? 0 : Math.max(lacking, Math.floor(left / (2 * alive)));
  const amount = Math.max(0, account.held + Math.min(left, more));
  return { account, amount, wanted: Math.max(0, lacking - (amount - account.held)), spent, others };
}

async function readFigures(
  run: Run,
  kind: Database["kind"],
  replica: Replica,
  accounts: readonly Account[],
  now: () => number,
): Promise<Figures> {
  const owners = JSON.stringify(accounts.map(({ kind: of, id, windowStart }) => [of, id, windowStart]));
  // Until the end of this transaction no other replica takes of these, and nothing is booked to them. Rows that are new and rows that are
  // there are locked in one pass, in the order of the list: whoever locks some of them first would meet whoever locks the others first.
  const spent = await run(sql<FigureRow>`insert into dheera_spent (owner_kind, owner_id, window_start, spent)
    select ${text(0)}, ${text(1)}, ${whole(2)}, 0 from ${rowsOf(kind, owners)} where true
    on conflict (owner_kind, owner_id, window_start) do update set spent = dheera_spent.spent
    returning owner_kind, owner_id, window_start, spent as amount`);
  const living = replica.mayJudge
    ? sql`and exists (select 1 from dheera_replicas p where p.replica_id = a.replica_id and ${isAlive(kind, now)})`
    : sql``;
  const others = await run(sql<FigureRow>`
    select a.owner_kind, a.owner_id, a.window_start, cast(sum(a.amount) as bigint) as amount
    from dheera_allowances a, ${rowsOf(kind, owners)}
    where a.owner_kind = ${text(0)} and a.owner_id = ${text(1)} and a.window_start = ${whole(2)}
      and a.replica_id <> ${replica.id} ${living}
    group by a.owner_kind, a.owner_id, a.window_start`);
  const held = new Map(others.map((row) => [keyOf(row.owner_kind, row.owner_id, row.window_start), row.amount]));
  return new Map(
    spent.map((row) => {
      const key = keyOf(row.owner_kind, row.owner_id, row.window_start);
      return [key, { spent: row.amount, others: held.get(key) ?? 0 }];
    }),
  );
}

interface FigureRow {
  readonly owner_kind: string;
  readonly owner_id: string;
  readonly window_start: number;
  readonly amount: number;
}

async function writeRows(
  run: Run,
  kind: Database["kind"],
  replicaId: string,
  rows: readonly Row[],
  now: () => number,
): Promise<void> {
  const json = JSON.stringify(
    rows.map(({ account, amount, wanted }) => [account.kind, account.id, account.windowStart, amount, wanted]),
  );
  await run(sql`insert into dheera_allowances (owner_kind, owner_id, window_start, replica_id, amount, wanted, updated_at)
    select ${text(0)}, ${text(1)}, ${whole(2)}, ${replicaId}, ${whole(3)}, ${whole(4)}, ${clockOf(kind, now)}
    from ${rowsOf(kind, json)} where true
    on conflict (owner_kind, owner_id, window_start, replica_id)
    do update set amount = excluded.amount, wanted = excluded.wanted, updated_at = excluded.updated_at`);
  if (rows.every(({ amount, wanted }) => amount > 0 || wanted > 0)) return;
  await run(sql`delete from dheera_allowances where replica_id = ${replicaId} and amount = 0 and wanted = 0`);
}
