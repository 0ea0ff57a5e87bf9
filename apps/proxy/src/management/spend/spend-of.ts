import { type LimitColumns, type OwnerKind, type SpentRow, type Teams, toDollars, windowOf } from "@dheera-ai/teams";

/** What an owner has spent in the time of its budget that runs, in US dollars; without a duration, ever. */
export interface SpendAnswer {
  readonly spend: number;
}

/** An owner's row, and the answer that it is told in. */
export interface Spender<Answer> {
  readonly id: string;
  readonly row: LimitColumns;
  readonly answer: Answer;
}

/** Adds to answers of one kind what their owners have spent. */
export async function withSpends<Answer extends object>(
  { database: { db } }: Pick<Teams, "database">,
  kind: OwnerKind,
  spenders: readonly Spender<Answer>[],
): Promise<readonly (Answer & SpendAnswer)[]> {
  const ids = spenders.map(({ id }) => id);
  const rows: SpentRow[] = [];
  for (let from = 0; from < ids.length; from += mostIds)
    rows.push(...(await readSpent(db, kind, ids.slice(from, from + mostIds))));
  const spent = Map.groupBy(rows, ({ owner_id }) => owner_id);
  const now = Date.now();
  return spenders.map(({ id, row, answer }) =>
    Object.assign({}, answer, { spend: toDollars(amountOf(spent.get(id) ?? [], row, now)) }),
  );
}

/** The same for one. */
export async function withSpend<Answer extends object>(
  teams: Pick<Teams, "database">,
  kind: OwnerKind,
  id: string,
  row: LimitColumns,
  answer: Answer,
): Promise<Answer & SpendAnswer> {
  const [one] = await withSpends(teams, kind, [{ id, row, answer }]);
  return one ?? { ...answer, spend: 0 };
}

/** Ids of one query: databases take no list of any length. */
const mostIds = 500;

/** What owners ever spent, which is booked as a time that begins at 0, and what they spent in the latest time of a budget. */
function readSpent(db: Teams["database"]["db"], kind: OwnerKind, ids: readonly string[]): Promise<readonly SpentRow[]> {
  return db
    .selectFrom("dheera_spent as spent")
    .innerJoin(
      (query) =>
        query
          .selectFrom("dheera_spent")
          .select(({ fn }) => ["owner_id", fn.max("window_start").as("latest")])
          .where("owner_kind", "=", kind)
          .where("owner_id", "in", ids)
          .groupBy("owner_id")
          .as("last"),
      (join) => join.onRef("last.owner_id", "=", "spent.owner_id"),
    )
    .selectAll("spent")
    .where("spent.owner_kind", "=", kind)
    .where(({ eb, or, ref }) =>
      or([eb("spent.window_start", "=", 0), eb("spent.window_start", "=", ref("last.latest"))]),
    )
    .execute();
}

function amountOf(spent: readonly SpentRow[], row: LimitColumns, now: number): number {
  const { budget_duration: duration, budget_time_zone: zone, budget_since: since, budget_id: shared } = row;
  const latest = spent.reduce((start, { window_start }) => Math.max(start, window_start), 0);
  const own = duration === null ? 0 : windowOf({ duration, timeZone: zone ?? "UTC", since }, now).start;
  // Of a budget that is shared only who spends knows the time.
  const start = duration === null && shared !== null ? latest : own;
  return spent.find(({ window_start }) => window_start === start)?.spent ?? 0;
}
