import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setImmediate, setTimeout as wait } from "node:timers/promises";

import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

import { EachRow } from "./each-row.ts";
import { busy, isUnusable, openToWrite, resultCode, toSqlite } from "./sqlite-file.ts";
import type { TroubleWatch } from "./trouble.ts";

/**
 * SQLite as Node.js and Bun bring it. One connection a process; processes on one file wait for each other.
 * @param path `:memory:` for none
 */
export function sqliteDialect(path: string, watch: TroubleWatch): Dialect {
  return {
    createDriver: () => new SqliteDriver(path, watch),
    createAdapter: () => new AdapterWithTransactions(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** Milliseconds for which the process stands still while another one writes; after that it does other things between attempts. */
const timeOfStandstill = 50;
const timeBetweenAttempts = 20;
/** Milliseconds after which an attempt is given up. */
const timeOfAttempts = 10_000;

class SqliteDriver implements Driver {
  readonly #path: string;
  readonly #watch: TroubleWatch;
  #database: DatabaseSync | undefined;
  #connection: Connection | undefined;

  constructor(path: string, watch: TroubleWatch) {
    this.#path = path;
    this.#watch = watch;
  }

  async init(): Promise<void> {
    try {
      this.#database = openToWrite(this.#path, timeOfStandstill);
    } catch (error) {
      throw this.#watch.failed(
        `${this.#path}: ${error instanceof Error ? error.message : String(error)}`,
        error,
        false,
      );
    }
    this.#connection = new Connection(this.#database, this.#watch);
    await this.#connection.run("pragma journal_mode = wal");
    await this.#connection.run("pragma synchronous = normal");
  }

  acquireConnection(): Promise<DatabaseConnection> {
    if (!this.#connection) throw new Error("SQLite is not open");
    return Promise.resolve(this.#connection);
  }

  /** At once with the right to write: a transaction that only gets it later fails where another one was quicker. */
  async beginTransaction(): Promise<void> {
    await this.#connection?.run("begin immediate");
  }

  async commitTransaction(): Promise<void> {
    await this.#connection?.run("commit");
  }

  /** Some errors have ended the transaction already. */
  async rollbackTransaction(): Promise<void> {
    if (this.#database?.isTransaction) await this.#connection?.run("rollback");
  }

  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#database?.close();
    return Promise.resolve();
  }
}

/** Rows that are written in one turn of the event loop: one or two milliseconds. */
const rowsOfPortion = 500;

/** Statements that stay prepared. */
const mostPrepared = 100;

interface PreparedStatement {
  readonly statement: StatementSync;
  readonly givesRows: boolean;
}

class Connection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #watch: TroubleWatch;
  readonly #prepared = new Map<string, PreparedStatement>();

  constructor(database: DatabaseSync, watch: TroubleWatch) {
    this.#database = database;
    this.#watch = watch;
  }

  async run(text: string): Promise<void> {
    await this.executeQuery(CompiledQuery.raw(text));
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const [first] = parameters;
    const values = first instanceof EachRow ? first : parameters.map(toSqlite);
    const end = performance.now() + timeOfAttempts;
    for (;;)
      try {
        const result =
          values instanceof EachRow ? await this.#executeEach<Row>(sql, values) : this.#execute<Row>(sql, values);
        this.#watch.answered();
        return result;
      } catch (error) {
        const code = resultCode(error);
        if (code === busy && performance.now() < end) await wait(timeBetweenAttempts);
        else if (isUnusable(code))
          throw this.#watch.failed(error instanceof Error ? error.message : String(error), error, code === busy);
        else throw error;
      }
  }

  #execute<Row>(text: string, values: readonly SQLInputValue[]): QueryResult<Row> {
    const { statement, givesRows } = this.#prepare(text);
    if (!givesRows) return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
    const found: unknown[] = statement.all(...values);
    return { rows: found as Row[], numAffectedRows: BigInt(found.length) };
  }

  /** Requests have their turns between portions. Nobody else's statement gets between them: the connection is taken until the transaction ends. */
  async #executeEach<Row>(text: string, { rows }: EachRow): Promise<QueryResult<Row>> {
    const { statement } = this.#prepare(text);
    let written = 0;
    for (const values of rows) {
      if (written > 0 && written % rowsOfPortion === 0) await setImmediate();
      statement.run(...values);
      written += 1;
    }
    return { rows: [] };
  }

  #prepare(text: string): PreparedStatement {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    const made = { statement, givesRows: statement.columns().length > 0 };
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size >= mostPrepared && oldest !== undefined) this.#prepared.delete(oldest);
    this.#prepared.set(text, made);
    return made;
  }

  // eslint-disable-next-line require-yield
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("rows are read by pages, not streamed");
  }
}

/** Tables are made in a transaction, so that of several processes one does it. */
class AdapterWithTransactions extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
