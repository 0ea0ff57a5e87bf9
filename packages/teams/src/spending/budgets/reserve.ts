import { DheeraError } from "@dheera-ai/core";

import { type Nanodollars, toDollars } from "../../money.ts";
import type { Reservation } from "../spending.ts";
import { type Account, freeOf, mostLeft } from "./account.ts";
import type { Chain } from "./accounts.ts";

/** Room that a request took in every account of a chain that is limited. */
export class Taken implements Reservation {
  readonly amount: Nanodollars;
  readonly chain: Chain;
  isOpen = true;

  constructor(amount: Nanodollars, chain: Chain) {
    this.amount = amount;
    this.chain = chain;
  }
}

/** What reservations need of the rest. */
export interface Allowances {
  /** Milliseconds for which a request waits for room that others may give back. */
  readonly longestWait: number;
  /**
   * Asks the database for what waits in these accounts.
   * @throws where it is away
   */
  ask(accounts: readonly Account[]): Promise<void>;
  /** Whether requests go on by the last known figures while the database is away. */
  readonly goesOnWithout: boolean;
  /**
   * While the database is away: what may be spent beyond what is held. It is this replica's part of what nobody held when the database was
   * last asked; 0 where requests do not go on.
   */
  slackOf(account: Account): Nanodollars;
  /** Whether anything is known of what others spent of it: the database was asked, or its time began while the database was away. */
  knows(account: Account): boolean;
}

/** Milliseconds that the database has for an answer, however short the rest of the wait is. */
const leastPatience = 1_000;
/** Milliseconds between two questions of a request for the same. */
const askAgain = 100;
/** Milliseconds for which a budget that was found spent is so without asking again. */
const remembered = 1_000;
/** Requests that wait at one time in a process; any more are refused at once. */
const mostWaiting = 2_000;

let waitingNow = 0;

/** @returns undefined where one of the accounts has too little at hand */
export function takeAtOnce(chain: Chain, most: Nanodollars, now: number): Taken | undefined {
  for (const account of chain.limited) if (freeOf(account) < most) return undefined;
  return take(chain, most, now);
}

/**
 * Asks the database for room, and waits for what others give back while that can help.
 * Where less is left than a request may cost, one at a time in this process gets the rest, so that the last cents can be spent; it is
 * what a budget may be exceeded by.
 * @throws DheeraError `budget_exceeded`; `unavailable` where the database is away and requests do not go on without it
 */
export async function takeOrWait(
  chain: Chain,
  most: Nanodollars,
  allowances: Allowances,
  now: () => number,
): Promise<Taken> {
  const known = chain.limited.find((account) => now() - account.askedAt < remembered && isSpent(account));
  if (known !== undefined) throw exceeded(known, now());
  if (waitingNow >= mostWaiting) throw exceeded(scarcest(chain), now());
  const until = performance.now() + allowances.longestWait;
  waitingNow += 1;
  for (const account of chain.limited) account.wanted += most;
  try {
    for (let asked = -askAgain; ;) {
      const short = chain.limited.filter((account) => freeOf(account) < most);
      let isAway = false;
      if (performance.now() - asked >= askAgain && (asked < 0 || short.some(({ othersHeld }) => othersHeld > 0))) {
        isAway = !(await answersBefore(Math.max(until, performance.now() + leastPatience), allowances.ask(short)));
        asked = performance.now();
      }
      const taken = takeAtOnce(chain, most, now());
      if (taken !== undefined) return taken;
      if (isAway && chain.limited.every((account) => freeOf(account) + allowances.slackOf(account) >= most))
        return take(chain, most, now());
      const spent = chain.limited.find(isSpent);
      if (spent !== undefined) throw exceeded(spent, now());
      const isLast = performance.now() >= until;
      if (!isAway && chain.limited.every((account) => mayTakeTheRest(account, most, isLast)))
        return take(chain, most, now());
      if (isLast) {
        const isUnknown = isAway && (!allowances.goesOnWithout || !chain.limited.every(allowances.knows));
        throw isUnknown ? unavailable() : exceeded(scarcest(chain), now());
      }
      if (isAway) asked = -askAgain;
      await changeOf(short, Math.min(askAgain, until - performance.now()));
    }
  } finally {
    for (const account of chain.limited) account.wanted -= most;
    waitingNow -= 1;
  }
}

function take(chain: Chain, most: Nanodollars, now: number): Taken {
  for (const account of chain.limited) {
    account.reserved += most;
    account.usedAt = now;
  }
  return new Taken(most, chain);
}

/** Nothing would be left if all that is reserved, here and elsewhere, came back. */
function isSpent(account: Account): boolean {
  return mostLeft(account) <= 0;
}

/** Waiting cannot help, or has not. Nothing is free after it, so that no second request of this process does the same. */
function mayTakeTheRest(account: Account, most: Nanodollars, isLast: boolean): boolean {
  const free = freeOf(account);
  return free >= most || (free > 0 && (isLast || mostLeft(account) < most));
}

function scarcest({ limited }: Chain): Account {
  return limited.reduce((least, account) => (freeOf(account) < freeOf(least) ? account : least));
}

function exceeded({ kind, name, max = 0, windowEnd }: Account, now: number): DheeraError {
  const begins = Number.isFinite(windowEnd) ? `; it begins anew at ${new Date(windowEnd).toISOString()}` : "";
  const of = kind === "key" ? "this key" : `the ${kind.replace("_", " ")} ${name}`;
  return new DheeraError(
    "budget_exceeded",
    `The budget of ${of} is spent: ${toDollars(max)} US dollars${begins}. Ask whoever gave you the key for more.`,
    Number.isFinite(windowEnd) ? { retryAfter: Math.max(1, Math.ceil((windowEnd - now) / 1_000)) } : {},
  );
}

function unavailable(): DheeraError {
  return new DheeraError("unavailable", "the database that holds the budget cannot be used now; try again in a while", {
    retryAfter: 1,
  });
}

/** @returns false where the database is away, or gives no answer in time */
function answersBefore(until: number, question: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, Math.max(0, until - performance.now()), false);
    question
      .then(
        () => resolve(true),
        () => resolve(false),
      )
      .finally(() => clearTimeout(late));
  });
}

function changeOf(accounts: readonly Account[], longest: number): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      for (const { waiting } of accounts) waiting.delete(go);
      resolve();
    };
    const timer = setTimeout(go, Math.max(0, longest));
    for (const { waiting } of accounts) waiting.add(go);
  });
}
