import type { Nanodollars } from "../money.ts";
import type { Actor } from "../objects/stores.ts";
import type { Owner } from "../owners.ts";
import type { SpendLogRow } from "../database/tables.ts";
import type { Reports } from "./reports/reports.ts";
import type { Forgotten } from "./reports/forget-answers.ts";

/** Who pays for an answer, and what is noted of them. It is one object for all answers of a key, as long as nothing of it changes. */
export interface Payer extends Pick<SpendLogRow, "key_hash" | "key_name" | "team_id" | "user_id" | "organization_id"> {
  readonly tags: readonly string[];
  /** Whose budgets it is taken from. */
  readonly owners: readonly Owner[];
}

/** One answer, as it is booked. */
export interface Answered extends Omit<SpendLogRow, keyof Payer | "request_id"> {
  readonly payer: Payer;
  /** Of no other answer; made where it is absent. */
  readonly request_id?: string;
}

/** Room in budgets that a request under way has taken. */
export interface Reservation {
  readonly amount: Nanodollars;
}

/** What one process has to book, and could not. */
export interface SpendingFigures {
  /** Answers that are not in the database yet, those in the journal included. */
  readonly unbooked: number;
  /** Of the journal of this process; 0 while the database answers. */
  readonly journalBytes: number;
  /** Answers that could not be booked because the database can never take them; with `spend_journal` they are in `refused.jsonl`. */
  readonly refused: number;
}

/** What is spent, in this process and, with the database, over all replicas. */
export interface Spending {
  /**
   * Takes room for the most that a request may cost, at once where this replica has an allowance of that much.
   * @returns undefined where no owner has a budget
   * @throws DheeraError `budget_exceeded` naming the owner, its budget, and when it begins anew
   */
  reserve(owners: readonly Owner[], most: Nanodollars): Reservation | undefined | Promise<Reservation>;
  /** Gives the room of a request back that cost nothing, because it failed. */
  release(reservation: Reservation): void;
  /**
   * Books an answer, with what it cost in place of its reservation; where its cost is null, its reservation counts as what it cost.
   * Neither waits nor throws.
   */
  book(answered: Answered, reservation?: Reservation): void;
  /**
   * What an owner is known here to have spent in the time of its budget that runs, what is not booked yet included; undefined where
   * this process has not asked yet. Never waits: for headers and metrics.
   */
  knownSpent(owner: Owner): Nanodollars | undefined;
  /** What this process has to book, and could not. */
  figures(): SpendingFigures;
  /** What was spent, from the database. */
  readonly reports: Reports;
  /**
   * Deletes single answers of a key or a team, as somebody may demand, and says so in the audit log; sums and budgets stay. What other
   * replicas have not booked yet comes after.
   * @returns how many there were
   * @throws DheeraError `unavailable` while this process deletes others: each deletion has a connection of its own
   */
  remove(actor: Actor, forgotten: Forgotten): Promise<number>;
  /** Resolves when all that was booked so far is in the database, or in the journal where the database is away. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
