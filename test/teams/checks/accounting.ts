import type { Attempt } from "../clients.ts";
import type { DayRow, LogRow } from "../ledger.ts";
import { isPriced, prices, reservedFor } from "../models.ts";
import type { PlannedKey } from "../people.ts";
import { type Record, firstOf } from "./record.ts";

export interface Accounting {
  readonly problems: readonly string[];
  /** Answers of killed proxies that are not booked. */
  readonly lost: number;
  /** Milliseconds before the kill that the oldest of them was answered. */
  readonly oldestLost: number;
  readonly booked: number;
}

/** Milliseconds before a kill in which an answer may not have been written down yet, of time in which the machine let it run. */
const mayBeLost = 1_000;

/** Every answer that was scored is booked once, or was lost with its process; and all sums are those of the single answers. */
export function checkAccounting(record: Record): Accounting {
  const { attempts, ledger, scored, lateness } = record;
  const rows = new Map<string, LogRow[]>();
  for (const row of ledger.logs) rows.set(row.call_id, [...(rows.get(row.call_id) ?? []), row]);
  const known = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const [lost, missing, twice, wrong, needless, strangers, unscored]: string[][] = [[], [], [], [], [], [], []];
  let oldestLost = 0;
  for (const attempt of attempts) {
    const { id, outcome, life, ended } = attempt;
    const booked = rows.get(id) ?? [];
    if (booked.length > 1) twice?.push(id);
    if (outcome.kind !== "answered") continue;
    if (outcome.status === 200 && !scored.has(id)) unscored?.push(id);
    const [row] = booked;
    if (!isScored(outcome)) {
      if (row !== undefined) needless?.push(`${id} (${outcome.status} ${outcome.code})`);
    } else if (row === undefined) {
      const { killedAt = Number.NEGATIVE_INFINITY } = life;
      const age = killedAt - ended;
      if (life.killedAt !== undefined && age <= mayBeLost + lateness.between(ended, killedAt)) {
        lost?.push(id);
        oldestLost = Math.max(oldestLost, age);
      } else
        missing?.push(
          `${id} (${outcome.status}, ${Math.round(age)} ms before its proxy was killed, ${Math.round(lateness.between(ended, killedAt))} ms late)`,
        );
    } else wrong?.push(...differences(attempt, row));
  }
  for (const [id] of rows) if (!known.has(id)) strangers?.push(id);
  return {
    problems: [
      ...firstOf("an answer is not booked", missing ?? []),
      ...firstOf("an answer is booked twice", twice ?? []),
      ...firstOf("an answer is booked otherwise than it was", wrong ?? []),
      ...firstOf("a refusal is booked", needless ?? []),
      ...firstOf("something is booked that nobody asked for", strangers ?? []),
      ...firstOf("an answer was scored by nobody", unscored ?? []),
      ...checkSums(record),
    ],
    lost: lost?.length ?? 0,
    oldestLost,
    booked: ledger.logs.length,
  };
}

/** Refusals before anything is scored cost nothing, and are not booked. */
function isScored({ status, code }: { readonly status: number; readonly code: string }): boolean {
  return status === 200 || code.startsWith("provider_") || code === "timeout";
}

function differences({ id, key, model, outcome }: Attempt, row: LogRow): readonly string[] {
  const status = outcome.kind === "answered" ? outcome.status : undefined;
  const cost = status !== 200 ? row.cost : isPriced(model) ? prices[model] : null;
  const due = { status, cost, key_hash: key.id, model, ...ownersOf(key) };
  return Object.entries(due).flatMap(([name, value]) => {
    const found: unknown = Reflect.get(row, name);
    return found === value ? [] : [`${id}: ${name} is ${String(found)}, not ${String(value)}`];
  });
}

function ownersOf({ chain }: PlannedKey): Pick<LogRow, "team_id" | "user_id" | "organization_id"> {
  const idOf = (kind: string): string | null => chain.find((owner) => owner.kind === kind)?.id ?? null;
  return { team_id: idOf("team"), user_id: idOf("user"), organization_id: idOf("organization") };
}

/** What the budgets of a chain pay for an answer: for one whose cost nobody knows, what was reserved for it. */
export function chargeOf(key: PlannedKey, { cost, model }: Pick<LogRow, "cost" | "model">): number {
  return cost ?? (key.chain.some(({ max }) => max !== undefined) ? reservedFor(model) : 0);
}

function checkSums({ people, ledger }: Record): readonly string[] {
  const keys = new Map<string, PlannedKey>(people.keys.map((key) => [key.id, key]));
  const due = new Map<string, number>();
  const days = new Map<string, readonly [requests: number, errors: number, unknown: number, cost: number]>();
  for (const row of ledger.logs) {
    const key = keys.get(row.key_hash);
    if (key === undefined) continue;
    for (const { kind, id } of key.chain)
      due.set(`${kind} ${id}`, (due.get(`${kind} ${id}`) ?? 0) + chargeOf(key, row));
    const day = dayKey({ ...row, day: new Date(row.at).toISOString().slice(0, 10) });
    const [requests, errors, unknown, cost] = days.get(day) ?? [0, 0, 0, 0];
    days.set(day, [
      requests + 1,
      errors + Number(row.status >= 400),
      unknown + Number(row.cost === null),
      cost + (row.cost ?? 0),
    ]);
  }
  const found = new Map(
    ledger.days.map((row) => [dayKey(row), [row.requests, row.errors, row.unknown_costs, row.cost] as const]),
  );
  const spentOf = (isOfWindow: boolean): Map<string, number> => {
    const spent = new Map<string, number>();
    for (const { owner_kind: kind, owner_id: id, window_start: start, spent: amount } of ledger.spent)
      if (start > 0 === isOfWindow) spent.set(`${kind} ${id}`, (spent.get(`${kind} ${id}`) ?? 0) + amount);
    return spent;
  };
  const ever = spentOf(false);
  const windows = spentOf(true);
  return [
    ...firstOf("the sums of a day differ from its answers", mapsDiffer(days, found)),
    ...firstOf("what an owner spent differs from its answers", mapsDiffer(due, ever, 0)),
    ...firstOf(
      "what an owner spent in the times of its budget differs from its answers",
      mapsDiffer(new Map([...due].filter(([owner]) => windows.has(owner))), windows, 0),
    ),
    ...(ledger.answersOfBatches === ledger.logs.length
      ? []
      : [`batches say that they hold ${ledger.answersOfBatches} answers, and there are ${ledger.logs.length}`]),
  ];
}

function dayKey(row: {
  readonly [Name in Exclude<keyof DayRow, "requests" | "errors" | "unknown_costs" | "cost">]: string | null;
}): string {
  const { day, key_hash: key, team_id: team, user_id: user, organization_id: organization, model, provider } = row;
  return [day, key, team ?? "", user ?? "", organization ?? "", model, provider ?? ""].join(" ");
}

function mapsDiffer<Value>(
  due: ReadonlyMap<string, Value>,
  found: ReadonlyMap<string, Value>,
  absent?: Value,
): readonly string[] {
  return [...new Set([...due.keys(), ...found.keys()])].flatMap((name) => {
    const [one, other] = [due.get(name) ?? absent, found.get(name) ?? absent];
    return JSON.stringify(one) === JSON.stringify(other)
      ? []
      : [`${name}: ${JSON.stringify(other)}, not ${JSON.stringify(one)}`];
  });
}
