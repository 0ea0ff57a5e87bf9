import { DheeraError } from "@dheera-ai/core";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import pg from "pg";

import { Failures } from "./failures.ts";
import type { DatabaseOptions, Use } from "./open-database.ts";
import type { TroubleWatch } from "./trouble.ts";

interface PostgresqlOptions extends DatabaseOptions {
  readonly use?: Use;
}

/** @throws Error where the URL is none */
export function postgresqlDialect(url: string, watch: TroubleWatch, options: PostgresqlOptions): Dialect {
  const pool = createPool(url, options);
  const failures = new Failures(watch, options.use);
  return {
    createDriver: () => new PostgresqlDriver(pool, failures, timeOf(options)),
    createAdapter: () => new AdapterWithoutLock(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}

/** Milliseconds that a statement may take, and a transaction between two of them. */
const timeOfStatement = 10_000;
const timeOfPatientStatement = 600_000;
const timeOfReport = 8_000;
/** Milliseconds after which a server that should have ended a statement by itself is taken to hang. */
const timeOfHanging = 1_000;

function timeOf({ use, reportTime }: PostgresqlOptions): number {
  if (use === "reports" || use === "upkeep") return reportTime === undefined ? timeOfReport : reportTime * 1000;
  return use === undefined ? timeOfStatement : timeOfPatientStatement;
}

/** Whole numbers of 64 bits are read as numbers: times and amounts of money are exact up to 2^53. */
const int8 = 20;
const types = new pg.TypeOverrides();
types.setTypeParser(int8, Number);

function createPool(url: string, { connections = 10, connectionTimeout = 5 }: PostgresqlOptions): pg.Pool {
  try {
    const config: pg.PoolConfig = {
      connectionString: url,
      types,
      max: connections,
      connectionTimeoutMillis: connectionTimeout * 1000,
      keepAlive: true,
      fallback_application_name: "dheera_ai",
    };
    // Only a client reads the URL, and the error of its parser quotes it, with its password.
    void new pg.Client(config);
    const pool = new pg.Pool(config);
    // Without a listener a lost connection that nobody uses would end the process; the next statement finds out.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    return pool;
  } catch (error) {
    throw refusalOf(error);
  }
}

/** What a parser says of a URL quotes it, so it is no cause either. */
function refusalOf(error: unknown): Error {
  return error instanceof Error && "path" in error
    ? new Error(`database_url: the file ${String(error.path)} that it names cannot be read`, { cause: error })
    : new Error("database_url: is not a URL; in user and password, special characters are written as %40 for @");
}

class PostgresqlDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #failures: Failures;
  readonly #time: number;
  readonly #inUse = new Map<DatabaseConnection, Connection>();

  constructor(pool: pg.Pool, failures: Failures, time: number) {
    this.#pool = pool;
    this.#failures = failures;
    this.#time = time;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const begun = performance.now();
    try {
      const connection = new Connection(this.#pool, await this.#pool.connect(), this.#failures, this.#time);
      this.#inUse.set(connection, connection);
      return connection;
    } catch (error) {
      throw this.#failures.explainMissing(error, begun);
    }
  }

  /**
   * A process that hangs in the midst of a transaction would keep its locks, and every replica waiting. The bounds go with `begin`, in one
   * message, because poolers such as PgBouncer refuse them as parameters of a session.
   */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await run(
      connection,
      `begin; set local statement_timeout = ${this.#time}; set local idle_in_transaction_session_timeout = ${this.#time}`,
    );
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await run(connection, "commit");
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await run(connection, "rollback");
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#inUse.get(connection)?.release();
    this.#inUse.delete(connection);
    return Promise.resolve();
  }

  /** What is under way has a second to end. */
  async destroy(): Promise<void> {
    const timer = setTimeout(() => {
      for (const connection of this.#inUse.values()) connection.end();
    }, timeOfHanging);
    await this.#pool.end();
    clearTimeout(timer);
  }
}

async function run(connection: DatabaseConnection, text: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(text));
}

/**
 * Statements end after a time even where the server is silent: it hangs, or its machine is gone. Such a connection is not used again.
 */
class Connection implements DatabaseConnection {
  readonly #pool: pg.Pool;
  readonly #failures: Failures;
  readonly #time: number;
  /** Undefined where the one before was cut, and no other could be had. */
  #client: pg.PoolClient | undefined;
  #isNew = true;
  #broken: Error | undefined;

  constructor(pool: pg.Pool, client: pg.PoolClient, failures: Failures, time: number) {
    this.#pool = pool;
    this.#client = client;
    this.#failures = failures;
    this.#time = time + timeOfHanging;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#broken) throw this.#broken;
    const isFirst = this.#isNew;
    this.#isNew = false;
    try {
      const { rows, rowCount } = isFirst ? await this.#askFirst(query) : await this.#ask(query);
      this.#failures.watch.answered();
      return { rows: rows ?? [], numAffectedRows: BigInt(rowCount ?? 0) };
    } catch (error) {
      const explained = this.#failures.explain(error);
      // After a report that took too long the connection is as good as before, once it is rolled back.
      if (explained instanceof DheeraError && explained.code === "unavailable") this.#broken = explained;
      throw explained;
    }
  }

  /**
   * Connections that wait in the pool are cut when the server restarts or another takes over. What has changed nothing yet is asked once
   * more on a new one, so that nobody hears of it.
   */
  async #askFirst(query: CompiledQuery): Promise<pg.QueryResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ask(query);
      } catch (error) {
        if (attempt === mostAttempts || !changesNothing.test(query.sql) || !wasCut(error)) throw error;
        // First its place is given back: it may be the only one.
        this.#client?.release(true);
        this.#client = undefined;
        this.#client = await this.#pool.connect();
      }
    }
  }

  async #ask({ sql, parameters }: CompiledQuery): Promise<pg.QueryResult> {
    const client = this.#client;
    if (!client) throw new Error("Connection terminated");
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer for ${this.#time / 1000} s`)), this.#time);
    });
    try {
      // Without parameters it may be several statements.
      const query = parameters.length === 0 ? client.query(sql) : client.query(sql, [...parameters]);
      return await Promise.race([query, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  // eslint-disable-next-line require-yield
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("rows are read by pages, not streamed");
  }

  /** Whoever waits for an answer gets an error. */
  end(): void {
    // It resolves when the connection is gone, which `release` sees to as well.
    void this.#client?.end();
  }

  release(): void {
    this.#client?.release(this.#broken !== undefined);
  }
}

/** Several of the pool may have been cut at once. */
const mostAttempts = 3;
const changesNothing = /^\s*(?:select|begin)\b/i;

/** The server said that it ends the connection, or it was gone. */
function wasCut(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return /^57P0[12]$/.test(error.code ?? "");
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return code === "ECONNRESET" || code === "EPIPE" || /^Connection terminated|not queryable/.test(error.message);
}

/** Kysely's lock belongs to a session, which poolers share out anew for each transaction; `migrate` takes one of its own. */
class AdapterWithoutLock extends PostgresAdapter {
  override acquireMigrationLock(): Promise<void> {
    return Promise.resolve();
  }

  override releaseMigrationLock(): Promise<void> {
    return Promise.resolve();
  }
}
