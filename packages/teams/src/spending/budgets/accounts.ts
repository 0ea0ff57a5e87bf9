import { toNanodollars } from "../../money.ts";
import type { Owner } from "../../owners.ts";
import type { Account } from "./account.ts";
import { type Window, windowOf } from "./window.ts";

/** The accounts of a request's owners, as long as no time of a budget ends. */
export interface Chain {
  readonly all: readonly Account[];
  /** Those with a budget that limits. */
  readonly limited: readonly Account[];
  readonly validUntil: number;
  /** How many accounts had been forgotten when it was made: it may hold one that nothing else knows since. */
  readonly forgotten: number;
}

/** The accounts of this process. Those of one list of owners are found by the list itself, which is the same object at each request. */
export interface Accounts {
  chainOf(owners: readonly Owner[], now: number): Chain;
  find(key: string): Account | undefined;
  /** That of an owner who has been in a chain and whose time of its budget runs. */
  known(owner: Owner, now: number): Account | undefined;
  all(): IterableIterator<Account>;
  forget(account: Account): void;
}

export function openAccounts(): Accounts {
  const chains = new WeakMap<readonly Owner[], Chain>();
  const accounts = new Map<string, Account>();
  const ofOwner = new WeakMap<Owner, Account>();
  let forgotten = 0;

  function makeChain(owners: readonly Owner[], now: number): Chain {
    const all = owners.map((owner) => {
      const account = accountOf(owner, now);
      ofOwner.set(owner, account);
      return account;
    });
    const chain: Chain = {
      all,
      limited: all.filter(({ max }) => max !== undefined),
      validUntil: Math.min(...all.map(({ windowEnd }) => windowEnd)),
      forgotten,
    };
    chains.set(owners, chain);
    return chain;
  }

  function accountOf(owner: Owner, now: number): Account {
    const { start, end } = windowFor(owner.budget, now);
    const key = keyOf(owner.kind, owner.id, start);
    const max = owner.budget?.max === undefined ? undefined : toNanodollars(owner.budget.max);
    const soft = owner.budget?.soft === undefined ? undefined : toNanodollars(owner.budget.soft);
    const known = accounts.get(key);
    if (known !== undefined) {
      // What it holds was allowed by another budget.
      if (known.max !== max) known.isDoubtful = true;
      known.max = max;
      known.soft = soft;
      known.name = owner.name;
      return known;
    }
    const account: Account = {
      kind: owner.kind,
      id: owner.id,
      name: owner.name,
      windowStart: start,
      windowEnd: end,
      max,
      soft,
      held: 0,
      reserved: 0,
      unbooked: 0,
      spent: undefined,
      askedAt: 0,
      othersHeld: 0,
      wanted: 0,
      wantedThere: 0,
      isDoubtful: false,
      givesBack: false,
      usedAt: now,
      waiting: new Set(),
    };
    accounts.set(key, account);
    return account;
  }

  return {
    chainOf(owners, now) {
      const chain = chains.get(owners);
      return chain !== undefined && now < chain.validUntil && chain.forgotten === forgotten
        ? chain
        : makeChain(owners, now);
    },
    find: (key) => accounts.get(key),
    known(owner, now) {
      const account = ofOwner.get(owner);
      return account !== undefined && now < account.windowEnd ? account : undefined;
    },
    all: () => accounts.values(),
    forget(account) {
      accounts.delete(keyOf(account.kind, account.id, account.windowStart));
      forgotten += 1;
    },
  };
}

/** What stores check may have been written by hand: a duration that is none is no reason to answer nobody, and never begins anew. */
export function windowFor(budget: Owner["budget"], now: number): Window {
  const forever = { start: 0, end: Number.POSITIVE_INFINITY };
  try {
    return budget === undefined ? forever : windowOf(budget, now);
  } catch {
    return forever;
  }
}

export function keyOf(kind: string, id: string, windowStart: number): string {
  return `${kind}\n${windowStart}\n${id}`;
}
