import { isDheeraError } from "@dheera-ai/core";
import type { CompiledQuery, RawBuilder, Transaction } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";

/** Runs one statement of a transaction and gives its rows. */
export type Run = <Row>(statement: RawBuilder<Row> | CompiledQuery<Row>) => Promise<readonly Row[]>;

/**
 * One transaction after the other: what a replica holds of budgets is then changed by one at a time, and is what the last one left.
 */
export interface Lane {
  /** @throws whatever the transaction threw; `isAway` says whether the database was at fault */
  transact<Result>(work: (run: Run) => Promise<Result>): Promise<Result>;
  /** Reads by one statement, beside the transactions. */
  read<Row>(statement: CompiledQuery<Row>): Promise<readonly Row[]>;
  /** Resolves when no transaction runs or waits. */
  idle(): Promise<void>;
  /** Whether the database was found away when it was last asked, by anybody. */
  readonly isAway: boolean;
  /** Since when, in milliseconds since the epoch; undefined where it is there. */
  readonly awaySince: number | undefined;
}

export function runIn(transaction: Transaction<Tables>): Run {
  return async (statement) => {
    const { rows } = await ("sql" in statement ? transaction.executeQuery(statement) : statement.execute(transaction));
    return rows;
  };
}

export function openLane(database: Database): Lane {
  let tail: Promise<unknown> = Promise.resolve();

  function attempt<Result>(work: (run: Run) => Promise<Result>): Promise<Result> {
    return database.transaction((transaction) => work(runIn(transaction)));
  }

  return {
    transact(work) {
      const result = tail.then(() => attempt(work));
      tail = result.catch(() => {});
      return result;
    },
    read: async (statement) => (await database.db.executeQuery(statement)).rows,
    idle: () => tail.then(() => {}),
    get isAway() {
      return database.trouble !== undefined;
    },
    get awaySince() {
      return database.trouble?.since;
    },
  };
}

/**
 * Whether the same may be taken later without anybody's doing: the database cannot be used, or others were in the way (SQLSTATE class 40,
 * locks that were not to be had). Not so what nobody foresaw, such as a fault of this program: it would wait for ever, and all behind it.
 */
export function isAway(error: unknown): boolean {
  return (isDheeraError(error) && error.code === "unavailable") || /^(40...|55P03)$/.test(codeOf(error));
}

/** Whether it is taken once somebody has mended the database: tables, columns or rights are missing, which no batch can help. */
export function needsMending(error: unknown): boolean {
  return (
    /^(42501|42P01|42703)$/.test(codeOf(error)) || (isOfSqlite(error) && /^no such (table|column)/.test(error.message))
  );
}

/** SQLSTATE. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function isOfSqlite(error: unknown): error is Error {
  return error instanceof Error && ("errcode" in error || "errno" in error);
}
