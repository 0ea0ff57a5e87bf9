import type { SpendDayRow } from "../../database/tables.ts";
import type { Answered } from "../spending.ts";
import type { OpenAnswers } from "./open-answers.ts";
import { clean, count, isStorable } from "./storable.ts";

/** What tells sums of days apart, in this order. */
export const dayKeys = ["day", "key_hash", "team_id", "user_id", "organization_id", "model", "provider"] as const;

export const daySums = [
  "requests",
  "errors",
  "unknown_costs",
  "cost",
  "saved_cost",
  "documents",
  "tokens",
  "cache_hits",
] as const;

/** Found by their keys, of which each has few: to make one text of all that tells them apart would cost more than the rest of a batch. */
export function daysOf(answers: OpenAnswers): readonly SpendDayRow[] {
  const ofKeys = new Map<string, SpendDayRow[]>();
  const rows: SpendDayRow[] = [];
  for (const { answered } of answers) {
    const { key_hash: key } = answered.payer;
    let ofKey = ofKeys.get(key);
    if (ofKey === undefined) ofKeys.set(key, (ofKey = []));
    const day = dayOf(answered.at);
    let sums = ofKey.find((row) => isOf(row, answered, day));
    if (sums === undefined) {
      sums = emptyDay(answered, day);
      ofKey.push(sums);
      rows.push(sums);
    }
    sums.requests += 1;
    if (answered.status >= 400) sums.errors += 1;
    if (answered.cost === null) sums.unknown_costs += 1;
    sums.cost += count(answered.cost);
    sums.saved_cost += count(answered.saved_cost);
    sums.documents += count(answered.documents);
    sums.tokens += count(answered.tokens);
    sums.cache_hits += count(answered.cache_hits);
  }
  return rows.some((row) => dayKeys.some((name) => !isStorable(row[name])))
    ? joined(rows.map(cleanDay))
    : rows.sort(byKeys);
}

function isOf(row: SpendDayRow, { payer, model, provider }: Answered, day: string): boolean {
  return (
    row.model === model &&
    row.provider === (provider ?? "") &&
    row.day === day &&
    row.team_id === (payer.team_id ?? "") &&
    row.user_id === (payer.user_id ?? "") &&
    row.organization_id === (payer.organization_id ?? "")
  );
}

function emptyDay({ payer, model, provider }: Answered, day: string): SpendDayRow {
  return {
    day,
    key_hash: payer.key_hash,
    team_id: payer.team_id ?? "",
    user_id: payer.user_id ?? "",
    organization_id: payer.organization_id ?? "",
    model,
    provider: provider ?? "",
    requests: 0,
    errors: 0,
    unknown_costs: 0,
    cost: 0,
    saved_cost: 0,
    documents: 0,
    tokens: 0,
    cache_hits: 0,
  };
}

function byKeys(one: SpendDayRow, other: SpendDayRow): number {
  for (const name of dayKeys) if (one[name] !== other[name]) return one[name] < other[name] ? -1 : 1;
  return 0;
}

function cleanDay(row: SpendDayRow): SpendDayRow {
  const cleaned = { ...row };
  for (const name of dayKeys) cleaned[name] = clean(row[name]);
  return cleaned;
}

/** Texts that were apart may be the same once they are clean, and no statement may add to one row twice. */
function joined(rows: readonly SpendDayRow[]): readonly SpendDayRow[] {
  const all: SpendDayRow[] = [];
  for (const row of rows) {
    const same = all.find((known) => byKeys(known, row) === 0);
    if (same === undefined) all.push(row);
    else for (const name of daySums) same[name] += row[name];
  }
  return all.sort(byKeys);
}

const dayLength = 86_400_000;
let lastDay = { number: Number.NaN, text: "" };

/** In UTC. */
function dayOf(at: number): string {
  const number = Math.floor(at / dayLength);
  if (number !== lastDay.number) lastDay = { number, text: new Date(number * dayLength).toISOString().slice(0, 10) };
  return lastDay.text;
}
