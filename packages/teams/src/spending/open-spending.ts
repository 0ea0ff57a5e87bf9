import { homedir } from "node:os";
import { join } from "node:path";

import { DheeraError, isDheeraError } from "@dheera-ai/core";

import type { Database } from "../database/open-database.ts";
import { type Log, teamsDefaults, type TeamsSettings } from "../teams.ts";
import type { Batch } from "./booking/batch.ts";
import { type Booked, bookOrLeaveEvents } from "./booking/book-batch.ts";
import { openQueue } from "./booking/queue.ts";
import { wake } from "./budgets/account.ts";
import { keyOf, openAccounts } from "./budgets/accounts.ts";
import { holdAllowances } from "./budgets/allowances.ts";
import { joinReplicas } from "./budgets/replica.ts";
import { lengthOf } from "./budgets/window.ts";
import { Taken, takeAtOnce, takeOrWait } from "./budgets/reserve.ts";
import { adoptJournals, keepRefused } from "./journal/adopt.ts";
import { toLine } from "./journal/batch-line.ts";
import { databaseName, openJournal } from "./journal/journal.ts";
import { openLane } from "./lane.ts";
import { removeAnswersOf } from "./reports/forget-answers.ts";
import { openReports } from "./reports/reports.ts";
import { type Kept, removeOld } from "./reports/retention.ts";
import type { Spending } from "./spending.ts";

export interface SpendingOptions {
  readonly log: Log;
  /** Of this run of this process alone. */
  readonly replicaId: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Milliseconds between two looks at what others want, and what is idle here. */
const tidyEvery = 250;
/** Milliseconds that the database has for a batch before it is written down. */
const patience = 200;
/** Milliseconds between two deletions of what is old. */
const removeEvery = 3_600_000;
/** Milliseconds between two looks at the journals of others. */
const adoptEvery = 10_000;

/** Books answers in the background until it is closed. The tables must be there. */
export function openSpending(database: Database, settings: TeamsSettings, options: SpendingOptions): Spending {
  const spending = makeSpending(database, settings, { ...options, isAutomatic: true });
  let tidying = false;
  const timer = setInterval(() => {
    if (tidying) return;
    tidying = true;
    const done = (): void => void (tidying = false);
    // That the database is away is told by whoever owns it.
    void spending.tidy().then(done, done);
  }, tidyEvery).unref();
  return {
    ...spending,
    async close() {
      clearInterval(timer);
      await spending.close();
    },
  };
}

/** Of a budget, from which it is nearly spent; LiteLLM's first of two. */
const defaultWarningShare = 0.85;

interface ManualOptions extends SpendingOptions {
  readonly isAutomatic?: boolean;
  /** Milliseconds for which a request waits for room in a budget. */
  readonly longestWait?: number;
}

/** The same without a clock of its own: `tidy` does what is due, `flush` books. */
export function makeSpending(
  database: Database,
  settings: TeamsSettings,
  options: ManualOptions,
): Spending & { tidy(): Promise<void> } {
  const { log, replicaId, version, now = Date.now, isAutomatic = false, longestWait = 2_000 } = options;
  const { kind } = database;
  const folder = journalFolder(settings);
  const lane = openLane(database);
  const accounts = openAccounts();
  const presence = joinReplicas(lane, kind, replicaId, version, now);
  const allowances = holdAllowances({
    lane,
    kind,
    presence,
    accounts,
    goesOnWithout: settings.allow_requests_on_db_unavailable ?? teamsDefaults.allow_requests_on_db_unavailable,
    longestWait,
    now,
  });
  const kept = keptFor(settings);
  const warnsAt = settings.budget_warning_share ?? defaultWarningShare;
  const name = databaseName(settings.database_url);
  const journal = openJournal({ folder, replicaId, database: name, log });
  const queue = openQueue({
    lane,
    kind,
    replicaId,
    journal,
    log,
    withLogs: !settings.disable_spend_logs,
    warnsAt,
    isAutomatic,
    // Who says when books are made up also waits for them.
    patience: isAutomatic ? patience : 60_000,
    now,
    onBooked,
    onRefused: (batch, error) => refuse(() => toLine(batch), batch, error),
  });
  let refused = 0;
  async function refuse(lineOf: () => string, batch: Batch, error: unknown): Promise<void> {
    refused += batch.answers;
    await keepRefused(folder, lineOf, batch, log, error);
  }

  let adoptedAt = Number.NEGATIVE_INFINITY;
  let removedAt = Number.NEGATIVE_INFINITY;

  let removing: Promise<void> | undefined;
  let isForgetting = false;
  let isClosing = false;

  /** Nobody waits for it: it may take minutes, and a replica that gives no sign of life meanwhile would lose what it holds. */
  function removeWhatIsOld(): void {
    if (removing !== undefined || now() - removedAt < removeEvery) return;
    removedAt = now();
    removing = removeOld(database, kept, now(), () => !isClosing)
      .then(({ logs, audit }) => {
        if (logs + audit > 0) log.info("deleted what is older than it may be", { spend_logs: logs, audit_logs: audit });
      })
      .catch((error: unknown) => {
        // That the database is away is told by whoever owns it.
        if (!isDheeraError(error) || error.code === "unavailable") return;
        log.warn("what is older than it may be could not be deleted; it is tried again in an hour", { error });
      })
      .finally(() => (removing = undefined));
  }

  async function adopt(): Promise<void> {
    if (folder === undefined || now() - adoptedAt < adoptEvery) return;
    adoptedAt = now();
    const book = async (batch: Batch): Promise<void> =>
      onBooked(await bookOrLeaveEvents(lane, log, { kind, batch, replicaId, held: () => [], now, warnsAt }));
    await adoptJournals({ folder, replicaId, database: name, log, book, refuse });
  }

  function onBooked({ spent }: Booked): void {
    for (const { charge, spent: amount } of spent) {
      const account = accounts.find(keyOf(charge.kind, charge.id, charge.start));
      if (account === undefined) continue;
      account.spent = amount;
      account.askedAt = now();
    }
  }

  return {
    reserve(owners, most) {
      const at = now();
      const chain = accounts.chainOf(owners, at);
      if (chain.limited.length === 0) return undefined;
      const amount = Math.max(0, Math.ceil(most));
      if (amount === 0) return new Taken(0, chain);
      return takeAtOnce(chain, amount, at) ?? takeOrWait(chain, amount, allowances, now);
    },
    release(reservation) {
      if (reservation instanceof Taken) giveRoom(reservation);
    },
    book(answered, reservation) {
      const taken = reservation instanceof Taken ? reservation : undefined;
      const { all } = taken?.chain ?? accounts.chainOf(answered.payer.owners, now());
      const cost = costOf(answered.cost ?? taken?.amount ?? 0);
      for (const account of all) account.unbooked += cost;
      if (taken !== undefined) giveRoom(taken);
      queue.push({ answered, accounts: all, cost });
    },
    knownSpent(owner) {
      const account = accounts.known(owner, now());
      return account?.spent === undefined ? undefined : account.spent + account.unbooked;
    },
    figures: () => ({ unbooked: queue.unbooked, journalBytes: journal.bytes, refused }),
    reports: openReports(database),
    async remove(actor, forgotten) {
      if (isForgetting)
        throw new DheeraError(
          "unavailable",
          "other answers are being deleted, one request after the other; try again",
          {
            retryAfter: 10,
          },
        );
      isForgetting = true;
      try {
        await queue.flush();
        return await removeAnswersOf(database, forgotten, actor, now(), () => !isClosing);
      } finally {
        isForgetting = false;
      }
    },
    flush: () => queue.flush(),
    async tidy() {
      await journal.touch();
      await allowances.tidy();
      await queue.retry();
      await adopt();
      removeWhatIsOld();
    },
    async close() {
      isClosing = true;
      await queue.flush();
      const lost = queue.stop();
      if (lost > 0)
        log.error("answers are lost, because the database is away and there is no journal", { answers: lost });
      await journal.leave();
      if (!lane.isAway) await allowances.leave().catch(() => {});
    },
  };
}

/** Where none is set, in the home folder, and none for a database that ends with its process; none where it is set to nothing. */
function journalFolder({ spend_journal: set, database_url: url }: TeamsSettings): string | undefined {
  if (set !== undefined) return set === "" ? undefined : set;
  return url === "sqlite::memory:" ? undefined : join(homedir(), ".local", "state", "dheera_ai", "spend");
}

/** @throws RangeError naming the setting that is no duration */
function keptFor(settings: TeamsSettings): Kept {
  const length = (name: keyof TeamsSettings & `maximum_${string}`): number | undefined => {
    const duration = settings[name];
    try {
      return duration === undefined ? undefined : lengthOf(duration);
    } catch (error) {
      throw new RangeError(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };
  return {
    logs: length("maximum_spend_logs_retention_period"),
    audit: length("maximum_audit_logs_retention_period"),
  };
}

function giveRoom(taken: Taken): void {
  if (!taken.isOpen) return;
  taken.isOpen = false;
  for (const account of taken.chain.limited) {
    account.reserved -= taken.amount;
    wake(account);
  }
}

function costOf(cost: number): number {
  return Number.isSafeInteger(cost) && cost > 0 ? cost : 0;
}
