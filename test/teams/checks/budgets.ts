import { dearest } from "../models.ts";
import { type PlannedOwner, ownersOf } from "../people.ts";
import { replicas } from "../stage.ts";
import { chargeOf } from "./accounting.ts";
import { type Record, bound, firstOf, wasAway } from "./record.ts";

export interface Budgets {
  readonly problems: readonly string[];
  /** How many ran out. */
  readonly spent: number;
  readonly ofKind: Readonly<{ [kind: string]: number }>;
  /** Billionths of a dollar beyond a budget, the most of any. */
  readonly mostBeyond: number;
}

/** One request a replica, at the dearest known price. */
const mostBeyond = replicas * dearest;

/**
 * No budget of any level is exceeded by more than that. While the database is away, budgets hold by the last known figures: what was
 * answered then may come on top.
 */
export function checkBudgets({ people, attempts, ledger, outages }: Record): Budgets {
  const rows = new Map(ledger.logs.map((row) => [row.call_id, row]));
  const whileAway = new Map<PlannedOwner, number>();
  for (const { id, key, begun, ended } of attempts) {
    const row = rows.get(id);
    if (row === undefined || !wasAway(outages, begun - bound, ended)) continue;
    for (const owner of key.chain) whileAway.set(owner, (whileAway.get(owner) ?? 0) + chargeOf(key, row));
  }
  const beyond: string[] = [];
  const ofKind: { [kind: string]: number } = {};
  let spent = 0;
  let most = 0;
  for (const owner of ownersOf(people)) {
    const { kind, id, max, duration } = owner;
    if (max === undefined) continue;
    for (const row of ledger.spent) {
      if (row.owner_kind !== kind || row.owner_id !== id || row.window_start > 0 !== (duration !== undefined)) continue;
      if (row.spent > max - dearest) {
        spent += 1;
        ofKind[kind] = (ofKind[kind] ?? 0) + 1;
      }
      most = Math.max(most, row.spent - max);
      if (row.spent > max + mostBeyond + (whileAway.get(owner) ?? 0))
        beyond.push(`${kind} ${id}: ${row.spent} of ${max}, ${whileAway.get(owner) ?? 0} while the database was away`);
    }
  }
  return { problems: firstOf("a budget is exceeded", beyond), spent, ofKind, mostBeyond: most };
}
