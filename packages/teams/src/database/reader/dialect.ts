import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

import { isUnusable, resultCode, toSqlite } from "../sqlite-file.ts";
import type { TroubleWatch } from "../trouble.ts";
import type { Reader } from "./reader.ts";
import type { Readers } from "./readers.ts";

/**
 * SQLite for statements that only read and may take long: they run in processes of their own.
 * @param time milliseconds that a statement may take
 */
export function readingDialect(readers: Readers, watch: TroubleWatch, time: number): Dialect {
  return {
    createDriver: () => new ReadingDriver(readers, watch, time),
    createAdapter: () => new AdapterWithSeveral(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

class ReadingDriver implements Driver {
  readonly #readers: Readers;
  readonly #watch: TroubleWatch;
  readonly #time: number;
  readonly #inUse = new Map<DatabaseConnection, Reader>();

  constructor(readers: Readers, watch: TroubleWatch, time: number) {
    this.#readers = readers;
    this.#watch = watch;
    this.#time = time;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const reader = await this.#readers.take();
    const connection = new Connection(reader, this.#watch, this.#time);
    this.#inUse.set(connection, reader);
    return connection;
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    const reader = this.#inUse.get(connection);
    this.#inUse.delete(connection);
    if (reader !== undefined) this.#readers.giveBack(reader);
    return Promise.resolve();
  }

  beginTransaction(): Promise<void> {
    throw new Error("reports are read by single statements");
  }

  commitTransaction(): Promise<void> {
    return this.beginTransaction();
  }

  rollbackTransaction(): Promise<void> {
    return this.beginTransaction();
  }

  destroy(): Promise<void> {
    return this.#readers.close();
  }
}

class Connection implements DatabaseConnection {
  readonly #reader: Reader;
  readonly #watch: TroubleWatch;
  readonly #time: number;

  constructor(reader: Reader, watch: TroubleWatch, time: number) {
    this.#reader = reader;
    this.#watch = watch;
    this.#time = time;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const found = await this.#reader.read(sql, parameters.map(toSqlite), this.#time);
      return { rows: found as Row[], numAffectedRows: BigInt(found.length) };
    } catch (error) {
      const isLost = isUnusable(resultCode(error));
      throw isLost ? this.#watch.failed(error instanceof Error ? error.message : String(error), error, true) : error;
    }
  }

  // eslint-disable-next-line require-yield
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("rows are read by pages, not streamed");
  }
}

class AdapterWithSeveral extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}
