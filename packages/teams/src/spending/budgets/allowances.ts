import type { Database } from "../../database/open-database.ts";
import type { Lane } from "../lane.ts";
import { type Account, freeOf } from "./account.ts";
import { type Accounts, keyOf } from "./accounts.ts";
import { type Presence, readWants } from "./replica.ts";
import type { Allowances } from "./reserve.ts";
import { settle } from "./settle.ts";

export interface AllowancesOptions {
  readonly lane: Lane;
  readonly kind: Database["kind"];
  readonly presence: Presence;
  readonly accounts: Accounts;
  /** Whether requests go on by the last known figures while the database is away. */
  readonly goesOnWithout: boolean;
  /** Milliseconds. */
  readonly longestWait: number;
  readonly now: () => number;
}

/** What this replica holds of budgets, kept as small as its traffic allows. */
export interface HeldAllowances extends Allowances {
  /** Gives back what was not used of late, and what others wait for; forgets what nobody uses. */
  tidy(): Promise<void>;
  /** Gives everything back. */
  leave(): Promise<void>;
}

/** Milliseconds without a request after which what is held is given back. */
const idleAfter = 10_000;
/** Milliseconds without a request after which an account is forgotten, with what is known of its spending. */
const forgottenAfter = 600_000;
/** Milliseconds between two looks at what others want, where there are no others: half of what requests wait for what they want. */
const lookEveryAlone = 1_000;
/** Accounts of one transaction. */
const mostAtOnce = 200;

export function holdAllowances(options: AllowancesOptions): HeldAllowances {
  const { lane, kind, presence, accounts, goesOnWithout, longestWait, now } = options;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let asking: { readonly accounts: Set<Account>; readonly answered: Promise<void> } | undefined;

  /** Those who ask while a transaction runs share the next one. */
  function ask(wanted: readonly Account[]): Promise<void> {
    if (lane.isAway) return Promise.reject(new Error("the database is away"));
    if (asking === undefined) {
      const all = new Set<Account>();
      const answered = lane.idle().then(() => {
        asking = undefined;
        return settleAll([...all]);
      });
      asking = { accounts: all, answered };
    }
    for (const account of wanted) asking.accounts.add(account);
    return asking.answered;
  }

  async function settleAll(all: readonly Account[]): Promise<void> {
    for (let first = 0; first < all.length; first += mostAtOnce)
      await settle(lane, kind, presence.replica, all.slice(first, first + mostAtOnce), now);
  }

  async function tidy(): Promise<void> {
    const wasSilent = await presence.beat();
    const due = new Set<Account>();
    let holdsSome = false;
    for (const account of accounts.all()) {
      if (wasSilent && account.held > 0) account.isDoubtful = true;
      const isOver = now() >= account.windowEnd;
      if (freeOf(account) > 0 && account.wanted === 0 && (isOver || now() - account.usedAt >= idleAfter))
        account.givesBack = true;
      const isSettled = account.wanted > 0 || account.wantedThere === 0;
      if (account.givesBack || account.isDoubtful || !isSettled) due.add(account);
      else if (isForgettable(account, now())) accounts.forget(account);
      if (freeOf(account) > 0) holdsSome = true;
    }
    if (holdsSome && isToLook()) for (const account of await wantedByOthers()) due.add(account);
    await settleAll([...due]);
  }

  /** A replica that is alone looks less often: one that comes is counted within two seconds. */
  function isToLook(): boolean {
    if (presence.replica.alive === 1 && now() - lookedAt < lookEveryAlone) return false;
    lookedAt = now();
    return true;
  }

  async function wantedByOthers(): Promise<readonly Account[]> {
    const { id } = presence.replica;
    const wants = await readWants(lane, kind, id);
    return wants.flatMap((want) => {
      const account = accounts.find(keyOf(want.owner_kind, want.owner_id, want.window_start));
      if (account === undefined || freeOf(account) <= 0) return [];
      // Of two that both lack something, one has to get it all.
      if (account.wanted > 0 && id < want.replica_id) return [];
      account.givesBack = true;
      return [account];
    });
  }

  function knows({ askedAt, windowStart }: Account): boolean {
    return askedAt > 0 || windowStart > (lane.awaySince ?? Number.POSITIVE_INFINITY);
  }

  return {
    longestWait,
    goesOnWithout,
    ask,
    tidy,
    knows,
    slackOf(account) {
      const { max = Number.POSITIVE_INFINITY, spent = 0, othersHeld, held } = account;
      if (!goesOnWithout || !knows(account)) return 0;
      return Math.max(0, Math.floor((max - spent - othersHeld - held) / presence.replica.alive));
    },
    leave: () => lane.transact((run) => presence.leave(run)),
  };
}

function isForgettable(account: Account, now: number): boolean {
  const { held, reserved, unbooked, wanted, usedAt, windowEnd } = account;
  if (held !== 0 || reserved !== 0 || unbooked !== 0 || wanted !== 0) return false;
  return now >= windowEnd || now - usedAt >= forgottenAfter;
}
