import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";

import { sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import { prepare } from "../database/prepare.ts";

export interface Change {
  readonly kind: string;
  readonly id: string;
}

export interface ChangeFeed {
  /** Whether this process has seen all that was committed up to a moment ago. */
  readonly isFresh: boolean;
  /** Milliseconds since it last had. */
  readonly staleFor: number;
  /** Reads what has changed since; all who ask at one time share a reading that begins after they asked. */
  catchUp(): Promise<void>;
  /**
   * @param changed is called with what changed, and with nothing where it cannot be said what: anything may have. It must not throw.
   */
  subscribe(changed: (changes: readonly Change[] | undefined) => void): () => void;
  /** Reads no more; a reading under way ends with the database's connections. */
  close(): void;
}

/** Milliseconds between two readings. */
const readEvery = 500;
/** Milliseconds after which what was read does not count any more: less than the two seconds in which a block must hold. */
const freshFor = 1_500;
const changesAtOnce = 1_000;
/** Milliseconds for which changes are kept; a process that stood still for longer forgets all that it knows. */
const changesKept = 24 * 60 * 60 * 1000;
const tidyEvery = 10 * 60 * 1000;

/** Follows the changes of all replicas, in their order. */
export async function followChanges(database: Database): Promise<ChangeFeed> {
  const subscribers = new Set<(changes: readonly Change[] | undefined) => void>();
  const closing = new AbortController();
  let last = await lastSequence(database);
  let freshAt = performance.now();
  let tidiedAt = freshAt;
  let reading: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function read(): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      const newest = await lastSequence(database);
      if (newest < last) tell(undefined, newest);
      if (newest <= last) break;
      const changes = await changesSince(database, last);
      const [first] = changes;
      if (first === undefined || first.sequence > last + 1) tell(undefined, newest);
      else tell(changes, changes.at(-1)?.sequence ?? newest);
    }
    freshAt = startedAt;
  }

  function tell(changes: readonly Change[] | undefined, sequence: number): void {
    last = sequence;
    for (const changed of subscribers) changed(changes);
  }

  function start(): Promise<void> {
    next = undefined;
    const started = read().finally(() => {
      if (reading === started) reading = undefined;
    });
    reading = started;
    // Who asked may have stopped waiting.
    started.catch(() => {});
    return started;
  }

  function catchUp(): Promise<void> {
    if (reading === undefined) return start();
    next ??= reading.then(start, start);
    return next;
  }

  async function keepReading(): Promise<void> {
    while (!closing.signal.aborted) {
      // That the database is away is told by `trouble`, and met by whoever asks for something.
      await catchUp().catch(() => {});
      if (performance.now() - tidiedAt > tidyEvery) {
        tidiedAt = performance.now();
        await forgetOldChanges(database).catch(() => {});
      }
      await wait(readEvery, undefined, { signal: closing.signal, ref: false }).catch(() => {});
    }
  }

  void keepReading();
  return {
    get isFresh() {
      return performance.now() - freshAt < freshFor;
    },
    get staleFor() {
      return performance.now() - freshAt;
    },
    catchUp,
    subscribe(changed) {
      subscribers.add(changed);
      return () => void subscribers.delete(changed);
    },
    close: () => closing.abort(),
  };
}

async function lastSequence({ kind, db }: Database): Promise<number> {
  const { rows } = await db.executeQuery(readSequence(kind, {}));
  return rows[0]?.value ?? 0;
}

const readSequence = prepare<{ readonly value: number }, object>(
  () => sql`select value from dheera_change_counter where id = 1`,
);

function changesSince({ db }: Database, last: number) {
  return db
    .selectFrom("dheera_changes")
    .select(["sequence", "kind", "id"])
    .where("sequence", ">", last)
    .orderBy("sequence")
    .limit(changesAtOnce)
    .execute();
}

/**
 * The newest stays, so that who is behind sees that something is missing. By pieces of the oldest, between which requests are answered where
 * the database is of this process.
 */
async function forgetOldChanges({ db }: Database): Promise<void> {
  const before = Date.now() - changesKept;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`delete from dheera_changes where at < ${before} and sequence in (
      select sequence from dheera_changes where sequence < (select value from dheera_change_counter where id = 1)
      order by sequence limit ${sql.lit(changesAtOnce)})`.execute(db);
    if (numAffectedRows < changesAtOnce) return;
    await turn();
  }
}
