import type { Database } from "../../database/open-database.ts";
import { type Nanodollars, toDollars } from "../../money.ts";
import type { Log } from "../../teams.ts";
import { type Account, wake } from "../budgets/account.ts";
import type { Journal, Place } from "../journal/journal.ts";
import { isAway, type Lane, needsMending } from "../lane.ts";
import { type Batch, closeBatch, mostAnswers } from "./batch.ts";
import { type Booked, bookOrLeaveEvents } from "./book-batch.ts";
import { type Entry, OpenAnswers } from "./open-answers.ts";
import type { Held } from "./statements.ts";

/** Answers on their way into the database, in batches. */
export interface Queue {
  /** Takes a microsecond, and never throws. */
  push(entry: Entry): void;
  /** Closes the batch that is open; resolves when all is in the database, or in the journal where the database is away. */
  flush(): Promise<void>;
  /** Books what waits for the database, where it can be used. */
  retry(): Promise<void>;
  /** Answers that are not in the database yet. */
  readonly unbooked: number;
  /** @returns how many answers are neither booked nor in the journal */
  stop(): number;
}

export interface QueueOptions {
  readonly lane: Lane;
  readonly kind: Database["kind"];
  readonly replicaId: string;
  readonly journal: Journal;
  readonly log: Log;
  readonly withLogs: boolean;
  /** The share of a budget from which it is nearly spent. */
  readonly warnsAt: number;
  /** False: only `flush` closes batches. */
  readonly isAutomatic: boolean;
  /** Milliseconds that the database has for a batch before it is written down. */
  readonly patience: number;
  readonly now: () => number;
  readonly onBooked: (booked: Booked) => void;
  readonly onRefused: (batch: Batch, error: unknown) => Promise<void>;
}

/**
 * Milliseconds that an answer waits for others. A process that is killed loses at most what it answered in the sum of them, of the patience
 * and of the time to write.
 */
const waitsFor = 300;
/** Full batches that do not wait for others. */
const mostOpen = 4;
/** Answers that are kept in memory where there is no journal, or no room in it. */
const mostInMemory = 100_000;
/** Batches that stay in memory although they are in the journal. */
const mostAtHand = 16;

/** A batch of this process, and what its accounts pay. */
interface Pending {
  /** Undefined where it is only in the journal. */
  batch: Batch | undefined;
  place: Place | undefined;
  readonly answers: number;
  readonly paid: ReadonlyMap<Account, Nanodollars>;
}

export function openQueue(options: QueueOptions): Queue {
  const { lane, kind, replicaId, journal, log, withLogs, warnsAt, isAutomatic, patience, now, onBooked, onRefused } =
    options;
  /** In batches, of which the last may have room. */
  let open: OpenAnswers[] = [];
  const pending: Pending[] = [];
  let lastClosed = 0;
  let timer: NodeJS.Timeout | undefined;
  let booking: Promise<void> | undefined;
  let writing: Promise<void> = Promise.resolve();
  /** That somebody has to mend the tables is told once. */
  let isTold = false;

  function schedule(): void {
    if (isAutomatic) timer ??= setTimeout(() => void flush(), waitsFor).unref();
  }

  async function flush(): Promise<void> {
    close();
    if (pending.length === 0) return;
    let isLate: NodeJS.Timeout | undefined;
    // Whoever is killed while the database hangs must have written down what it answered.
    const late = new Promise<void>((resolve) => (isLate = setTimeout(resolve, patience)));
    await Promise.race([bookPending(), late]);
    clearTimeout(isLate);
    if (pending.length === 0) return;
    await writeDown();
    schedule();
    // Without a journal a database that is slow is all there is.
    if (!lane.isAway && pending.some(({ place }) => place === undefined)) await bookPending();
  }

  function close(): void {
    clearTimeout(timer);
    timer = undefined;
    const closing = open;
    open = [];
    for (const answers of closing) {
      lastClosed = Math.max(now(), lastClosed + 1);
      const { batch, paid } = closeBatch(answers, lastClosed, withLogs);
      pending.push({ batch, place: undefined, answers: batch.answers, paid });
    }
  }

  /** One at a time, in their order; whoever comes while it runs shares it. */
  function bookPending(): Promise<void> {
    booking ??= bookAll().finally(() => (booking = undefined));
    return booking;
  }

  async function bookAll(): Promise<void> {
    for (let next = pending[0]; next !== undefined; next = pending[0]) {
      const batch = next.batch ?? (next.place && (await readBack(next.place)));
      if (batch === undefined) settleLost(next.paid);
      else if (!(await isSettled(batch, next))) return;
      pending.shift();
      if (pending.length === 0)
        await (writing = writing.then(() => (pending.length === 0 ? journal.clear() : undefined)));
    }
  }

  /** @returns false where it has to wait. What is wrong with one batch, a fault of this program included, keeps no other from being booked. */
  async function isSettled(batch: Batch, { paid }: Pending): Promise<boolean> {
    let booked: Booked;
    try {
      booked = await bookOrLeaveEvents(lane, log, {
        kind,
        batch,
        replicaId,
        held: () => heldAfter(paid),
        now,
        warnsAt,
      });
    } catch (error) {
      if (isAway(error)) return false;
      if (needsMending(error)) {
        if (!isTold)
          log.error("answers wait, because the database refuses them until somebody mends its tables or rights", {
            error,
          });
        isTold = true;
        return false;
      }
      await onRefused(batch, error);
      settleLost(paid);
      return true;
    }
    isTold = false;
    settlePaid(paid);
    onBooked(booked);
    return true;
  }

  async function readBack(place: Place): Promise<Batch | undefined> {
    try {
      return await journal.read(place);
    } catch (error) {
      log.error("a batch of answers is lost, because the journal cannot be read", { error });
      return undefined;
    }
  }

  /** One append at a time: places in the file are counted. */
  function writeDown(): Promise<void> {
    writing = writing.then(async () => {
      const unwritten = pending.filter((one) => one.place === undefined && one.batch !== undefined);
      const places = await journal.append(unwritten.flatMap(({ batch }) => batch ?? []));
      for (const [index, one] of unwritten.entries()) one.place = places[index];
      for (const one of pending.slice(mostAtHand)) if (one.place !== undefined) one.batch = undefined;
      dropWhatHasNoRoom();
    });
    return writing;
  }

  function dropWhatHasNoRoom(): void {
    let answers = 0;
    // The first may be on its way into the database.
    for (const one of pending.slice(1)) {
      if (one.place === undefined) answers += one.answers;
      if (one.place !== undefined || answers <= mostInMemory) continue;
      pending.splice(pending.indexOf(one), 1);
      settleLost(one.paid);
      log.error("answers are lost, because the database is away and there is no room to keep them", {
        answers: one.answers,
        cost: toDollars(one.batch?.days.reduce((sum, { cost }) => sum + cost, 0) ?? 0),
      });
    }
  }

  return {
    get unbooked() {
      return sumOf(open.map(({ length }) => length)) + sumOf(pending.map(({ answers }) => answers));
    },
    push(entry) {
      let last = open.at(-1);
      if (last === undefined || last.isFull) open.push((last = new OpenAnswers(mostAnswers)));
      last.add(entry);
      if (timer === undefined) schedule();
      if (last.isFull && open.length === mostOpen && isAutomatic) void flush();
    },
    flush,
    async retry() {
      if (pending.length > 0) await bookPending();
    },
    stop() {
      clearTimeout(timer);
      return pending.reduce((sum, { place, answers }) => (place === undefined ? sum + answers : sum), 0);
    },
  };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function heldAfter(paid: ReadonlyMap<Account, Nanodollars>): readonly Held[] {
  return [...paid]
    .filter(([{ held }]) => held > 0)
    .map(([{ kind, id, windowStart, held }, cost]) => ({
      kind,
      id,
      start: windowStart,
      amount: Math.max(0, held - cost),
    }));
}

/** It is spent, and nobody books it: what the database says that is held for it is to be put right. */
function settleLost(paid: ReadonlyMap<Account, Nanodollars>): void {
  for (const account of paid.keys()) account.isDoubtful = true;
  settlePaid(paid);
}

function settlePaid(paid: ReadonlyMap<Account, Nanodollars>): void {
  for (const [account, cost] of paid) {
    account.held = Math.max(0, account.held - cost);
    account.unbooked -= cost;
    wake(account);
  }
}
