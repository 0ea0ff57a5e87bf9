import type { Transaction } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { createStores } from "./create-stores.ts";
import type { Stores } from "./stores.ts";

/** The database and the stores as one transaction has them. */
export interface Within {
  readonly database: Database;
  readonly stores: Stores;
}

export type AtOnce = <T>(work: (within: Within) => Promise<T>) => Promise<T>;

/**
 * Makes several changes one: all or none of them count.
 * @param written is told after the commit, and awaited
 */
export function makeAtOnce(database: Database, written: () => Promise<void>): AtOnce {
  return async (work) => {
    const done = await database.transaction((transaction) => {
      const within = withinTransaction(database, transaction);
      return work({ database: within, stores: createStores(within, () => Promise.resolve()) });
    });
    await written();
    return done;
  };
}

/** A database whose statements and transactions are all of this one. */
export function withinTransaction(database: Database, transaction: Transaction<Tables>): Database {
  function run<T>(work: (of: typeof transaction) => Promise<T>): Promise<T> {
    return work(transaction);
  }
  return {
    kind: database.kind,
    db: transaction,
    get trouble() {
      return database.trouble;
    },
    transaction: run,
    patiently: run,
    report: run,
    reportFigures: () => database.reportFigures(),
    upkeep: (work) => work(run),
    close: () => Promise.resolve(),
  };
}
