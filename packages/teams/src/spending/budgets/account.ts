import type { Nanodollars } from "../../money.ts";
import type { OwnerKind } from "../../owners.ts";

/**
 * What this process knows of one owner in one time of its budget.
 * `held` is changed by transactions alone, one at a time; requests move amounts between free, reserved and unbooked.
 */
export interface Account {
  readonly kind: OwnerKind;
  readonly id: string;
  name: string;
  readonly windowStart: number;
  readonly windowEnd: number;
  /** Undefined: nothing limits it, and nothing is reserved. */
  max: Nanodollars | undefined;
  soft: Nanodollars | undefined;
  /** Of the budget, what this replica may spend without asking: its row in `dheera_allowances`, or less. */
  held: Nanodollars;
  /** By requests under way. */
  reserved: Nanodollars;
  /** What was answered and is not in the database yet. */
  unbooked: Nanodollars;
  /** What all replicas had booked when the database was last asked; undefined before that. */
  spent: Nanodollars | undefined;
  /** When that was, in milliseconds since the epoch; 0 before. */
  askedAt: number;
  /** What other replicas held then. */
  othersHeld: Nanodollars;
  /** What requests that wait here want. */
  wanted: Nanodollars;
  /** What the database says that they want, for other replicas. */
  wantedThere: Nanodollars;
  /** The database may say that more is held than is. */
  isDoubtful: boolean;
  /** What is free is to be given back by the next transaction. */
  givesBack: boolean;
  /** Milliseconds since the epoch. */
  usedAt: number;
  /** Those who wait for room. */
  readonly waiting: Set<() => void>;
}

/** What may be reserved at once; below 0 where answers cost more than was reserved. */
export function freeOf({ held, reserved, unbooked }: Account): Nanodollars {
  return held - reserved - unbooked;
}

/** What would be left if every reservation, here and elsewhere, came back unused. */
export function mostLeft({ max = Number.POSITIVE_INFINITY, spent = 0, unbooked }: Account): Nanodollars {
  return max - spent - unbooked;
}

export function wake({ waiting }: Account): void {
  if (waiting.size === 0) return;
  const woken = [...waiting];
  waiting.clear();
  for (const go of woken) go();
}
