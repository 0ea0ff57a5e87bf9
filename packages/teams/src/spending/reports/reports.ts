import { type RawBuilder, type SqlBool, sql } from "kysely";

import type { Database } from "../../database/open-database.ts";
import type { SpendLogRow, SpentRow } from "../../database/tables.ts";
import type { ZonedDay } from "./days-of-zone.ts";
import type { Found, Page } from "../../objects/stores.ts";
import type { OwnerKind } from "../../owners.ts";

/** What a report is of; all that is absent counts, and of a list what any of it names. */
export interface SpendFilter {
  /** Milliseconds since the epoch, included. Sums are of whole days in UTC: of those that these are in. */
  readonly from?: number;
  /** Milliseconds since the epoch; what comes after it is left out. */
  readonly to?: number;
  readonly key_hash?: string | readonly string[];
  readonly team_id?: string | readonly string[];
  readonly user_id?: string | readonly string[];
  readonly organization_id?: string | readonly string[];
  readonly model?: string | readonly string[];
  readonly provider?: string | readonly string[];
}

export interface LogFilter extends SpendFilter {
  readonly request_id?: string;
  readonly call_id?: string;
}

/** What sums can be made for. */
export const dimensions = ["day", "key_hash", "team_id", "user_id", "organization_id", "model", "provider"] as const;
export type Dimension = (typeof dimensions)[number];

export interface Sums {
  readonly requests: number;
  /** Of the requests, those that were answered with an error. */
  readonly errors: number;
  /** Of the requests, those whose cost is not known, and not in `cost`. */
  readonly unknown_costs: number;
  /** Nanodollars. */
  readonly cost: number;
  /** Nanodollars. */
  readonly saved_cost: number;
  readonly documents: number;
  readonly tokens: number;
  readonly cache_hits: number;
}

/** The dimensions that were asked for; a team and the like is empty where there was none. */
export type SumOf<By extends Dimension> = Sums & Readonly<Record<By, string>>;

/** What was spent, as the database has it: what was answered in the last half second may be missing. */
export interface Reports {
  /** Single answers, the newest first; none where `disable_spend_logs` is set. */
  logs(filter: LogFilter, page: Page): Promise<Found<SpendLogRow>>;
  /**
   * Sums for each that there is of what is named, in its order; one row, which may be of nothing, where nothing is named.
   * @param most rows that are read; 100,000 when absent
   */
  sums<By extends Dimension>(filter: SpendFilter, by: readonly By[], most?: number): Promise<readonly SumOf<By>[]>;
  /**
   * The same by days of a time zone, from single answers; days are kept by UTC, whose hours are not known any more.
   * @param days what `day` stands for
   */
  sumsOfDays<By extends Dimension>(
    filter: Omit<SpendFilter, "from" | "to">,
    by: readonly By[],
    days: readonly ZonedDay[],
    most?: number,
  ): Promise<readonly SumOf<By>[]>;
  /** When the first of the single answers that are kept was given, in milliseconds since the epoch. */
  firstLog(filter: SpendFilter): Promise<number | undefined>;
  /**
   * Sums for each tag, from single answers, the dearest first; one with two tags counts for both.
   * @param most tags that are read; 10,000 when absent @param only of these tags; of all when absent
   */
  tags(
    filter: SpendFilter,
    most?: number,
    only?: readonly string[],
  ): Promise<readonly { readonly tag: string; readonly requests: number; readonly cost: number }[]>;
  /** What owners spent in each time of their budgets, the newest first; `window_start` 0 is all that they ever spent. */
  spent(kind: OwnerKind, ids: readonly string[]): Promise<readonly SpentRow[]>;
}

const day = 86_400_000;

export function openReports(database: Database): Reports {
  const { kind, db } = database;

  return {
    logs: (filter, { page, size }) =>
      database.report(async (reading) => {
        const found = reading.selectFrom("dheera_spend_logs").where(where(filter, "logs"));
        const rows = await found
          .selectAll()
          .orderBy("at", "desc")
          .orderBy("request_id")
          .limit(size)
          .offset((page - 1) * size)
          .execute();
        const count = await found.select(({ fn }) => fn.countAll<number>().as("total")).executeTakeFirst();
        return { rows, total: count?.total ?? 0 };
      }),

    async sums<By extends Dimension>(filter: SpendFilter, by: readonly By[], most = 100_000) {
      const names = sql.join(by.map((name) => sql.ref(name)));
      const sums = sql.join(
        sumNames.map((name) => sql`cast(coalesce(sum(${sql.ref(name)}), 0) as bigint) as ${sql.ref(name)}`),
      );
      const condition = where(filter, "days");
      const statement =
        by.length === 0
          ? sql<SumOf<By>>`select ${sums} from dheera_spend_days where ${condition}`
          : sql<
              SumOf<By>
            >`select ${names}, ${sums} from dheera_spend_days where ${condition} group by ${names} order by ${names} limit ${most}`;
      const { rows } = await database.report((reading) => statement.execute(reading));
      return rows;
    },

    async sumsOfDays<By extends Dimension>(
      filter: Omit<SpendFilter, "from" | "to">,
      by: readonly By[],
      days: readonly ZonedDay[],
      most = 100_000,
    ) {
      const [first, last] = [days[0], days.at(-1)];
      if (!first || !last) return [];
      const rows = days.map(
        (one) => sql`(cast(${one.day} as text), cast(${one.from} as bigint), cast(${one.to} as bigint))`,
      );
      const names = by.map((name) => sql.ref(name));
      const named = by.map((name) =>
        name === "day" ? sql`zoned.zoned_day as day` : sql`coalesce(${sql.ref(name)}, '') as ${sql.ref(name)}`,
      );
      const columns = [...named, ...logSums].map((column) => sql`${column}`);
      const groups = by.map((name) => (name === "day" ? sql`zoned.zoned_day` : sql`coalesce(${sql.ref(name)}, '')`));
      const within = where({ ...filter, from: first.from, to: last.to - 1 }, "logs");
      const statement = sql<SumOf<By>>`
        with zoned(zoned_day, since, until) as (values ${sql.join(rows)})
        select ${sql.join(columns)} from dheera_spend_logs join zoned on at >= since and at < until where ${within}
        ${by.length === 0 ? sql`` : sql`group by ${sql.join(groups)} order by ${sql.join(names)} limit ${most}`}`;
      const found = await database.report((reading) => statement.execute(reading));
      return found.rows;
    },

    async firstLog(filter) {
      const statement = sql<{ first: number | null }>`
        select min(at) as first from dheera_spend_logs where ${where(filter, "logs")}`;
      const { rows } = await database.report((reading) => statement.execute(reading));
      return rows[0]?.first ?? undefined;
    },

    async tags(filter, most = 10_000, only) {
      const each =
        kind === "postgresql"
          ? sql`json_array_elements_text(cast(l.tags as json)) as t(tag)`
          : sql`json_each(l.tags) as t`;
      const tag = kind === "postgresql" ? sql`t.tag` : sql`t.value`;
      const named =
        only === undefined ? sql`` : only.length === 0 ? sql`and 1 = 0` : sql`and ${tag} in (${sql.join(only)})`;
      const statement = sql<{ tag: string; requests: number; cost: number }>`
        select ${tag} as tag, cast(count(*) as bigint) as requests, cast(coalesce(sum(l.cost), 0) as bigint) as cost
        from dheera_spend_logs l, ${each} where ${where(filter, "logs")} ${named}
        group by ${tag} order by cost desc, ${tag} limit ${most}`;
      const { rows } = await database.report((reading) => statement.execute(reading));
      return rows;
    },

    async spent(of, ids) {
      if (ids.length === 0) return [];
      return db
        .selectFrom("dheera_spent")
        .selectAll()
        .where("owner_kind", "=", of)
        .where("owner_id", "in", ids)
        .orderBy("owner_id")
        .orderBy("window_start", "desc")
        .execute();
    },
  };
}

const sumNames = [
  "requests",
  "errors",
  "unknown_costs",
  "cost",
  "saved_cost",
  "documents",
  "tokens",
  "cache_hits",
] as const satisfies readonly (keyof Sums)[];

/** What the sums of a day are made of, as booking makes them. */
const logSums = [
  sql`cast(count(*) as bigint) as requests`,
  sql`cast(coalesce(sum(case when status >= 400 then 1 else 0 end), 0) as bigint) as errors`,
  sql`cast(coalesce(sum(case when cost is null then 1 else 0 end), 0) as bigint) as unknown_costs`,
  ...(["cost", "saved_cost", "documents", "tokens", "cache_hits"] as const).map(
    (name) => sql`cast(coalesce(sum(${sql.ref(name)}), 0) as bigint) as ${sql.ref(name)}`,
  ),
];

const equalNames = ["key_hash", "team_id", "user_id", "organization_id", "model", "provider"] as const;

/** All that a filter asks of rows that have the time `at`, or of days. */
function where(filter: LogFilter, of: "days" | "logs"): RawBuilder<SqlBool> {
  const { from, to } = filter;
  const conditions = [sql<SqlBool>`true`];
  if (of === "days") {
    if (from !== undefined) conditions.push(sql<SqlBool>`day >= ${dayOf(from)}`);
    if (to !== undefined) conditions.push(sql<SqlBool>`day <= ${dayOf(to)}`);
  } else {
    if (from !== undefined) conditions.push(sql<SqlBool>`at >= ${Math.floor(from)}`);
    if (to !== undefined) conditions.push(sql<SqlBool>`at <= ${Math.floor(to)}`);
  }
  for (const name of of === "days" ? equalNames : [...equalNames, "request_id" as const, "call_id" as const]) {
    const value = filter[name];
    if (typeof value === "string") conditions.push(sql<SqlBool>`${sql.ref(name)} = ${value}`);
    else if (value !== undefined)
      conditions.push(
        value.length === 0 ? sql<SqlBool>`false` : sql<SqlBool>`${sql.ref(name)} in (${sql.join(value)})`,
      );
  }
  return sql<SqlBool>`${sql.join(conditions, sql` and `)}`;
}

/** Dates that PostgreSQL and SQLite compare as texts have four digits of year. */
function dayOf(at: number): string {
  const bounded = Math.min(Math.max(at, 0), Date.UTC(9999, 11, 31, 23));
  return new Date(Math.floor(bounded / day) * day).toISOString().slice(0, 10);
}
