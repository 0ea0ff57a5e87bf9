import { hash } from "node:crypto";

import { DheeraError } from "@dheera-ai/core";
import { dayAt } from "@dheera-ai/teams";

import { invalidField } from "../../formats/read-fields.ts";
import { mayDo } from "../authorize.ts";
import type { Call } from "../call.ts";
import type { SpendOf } from "./spend-sums.ts";
import { dayBegin } from "./days.ts";

/** Whose spend a caller asks for, narrowed to what they may see. */
export interface SpendScope {
  readonly key_hash?: string;
  readonly team_id?: string;
  readonly user_id?: string;
  readonly organization_id?: string;
}

/** @throws DheeraError `forbidden` */
export async function visibleSpend(call: Call): Promise<SpendScope> {
  const { query, person } = call;
  const key = query.text("api_key");
  const asked: { key_hash?: string; team_id?: string; user_id?: string; organization_id?: string } = {};
  if (key !== undefined) asked.key_hash = await bookedKey(call, key);
  for (const name of ["team_id", "user_id", "organization_id"] as const) {
    const value = query.text(name) ?? (name === "user_id" ? query.text("internal_user_id") : undefined);
    if (value !== undefined) asked[name] = value;
  }
  const { key_hash: keyHash, team_id: teamId, user_id: userId } = asked;
  if (mayDo(person, "read", { kind: "spend", keyHash, teamId, userId })) return asked;
  // A key or a team of somebody else may hold what this user spent.
  if (person.userId !== undefined && userId === undefined) return { ...asked, user_id: person.userId };
  if (person.keyHash !== undefined && Object.keys(asked).length === 0) return { key_hash: person.keyHash };
  call.authorize("read", { kind: "spend", keyHash, teamId, userId });
  return asked;
}

/** The id under which a key is booked, also of one that was deleted. */
export async function bookedKey({ teams }: Call, given: string): Promise<string> {
  const keyHash = /^[0-9a-f]{64}$/i.test(given) ? given.toLowerCase() : hash("sha256", given, "hex");
  return (await teams.stores.keys.get(keyHash))?.key_id ?? keyHash;
}

/** Days of a report. */
const mostDays = 400;
const day = 86_400_000;

/**
 * The days that are asked for, `start_date` and `end_date`, both included; the last 30 where none are named.
 * @throws DheeraError `invalid_request` naming the parameter
 */
export function askedDays({ query, warn }: Pick<Call, "query" | "warn">): AskedDays {
  const timeZone = askedTimeZone({ query, warn });
  const to = query.day("end_date") ?? dayAt(Date.now(), timeZone ?? "UTC");
  const from = query.day("start_date") ?? new Date(dayBegin(to) - 29 * day).toISOString().slice(0, 10);
  if (from > to) throw invalidField("start_date", "must not be after end_date");
  if (dayBegin(to) - dayBegin(from) >= mostDays * day)
    throw invalidField("start_date", `must be less than ${mostDays} days before end_date; ask for the rest by itself`);
  return { from, to, ...(timeZone !== undefined && { timeZone }) };
}

/** First and last day. */
export interface AskedDays {
  readonly from: string;
  readonly to: string;
  /** In whose days; absent for UTC. */
  readonly timeZone?: string;
}

/** The time zone in whose days is asked; undefined for UTC. */
export function askedTimeZone({ query, warn }: Pick<Call, "query" | "warn">): string | undefined {
  const text = query.text("timezone", 64);
  if (text === undefined || text === "UTC") return undefined;
  if (/^[+-]?\d{1,4}$/.test(text)) {
    // LiteLLM's pages send minutes, from which nobody knows when clocks are changed.
    warn("timezone: minutes have no effect here; send an IANA name such as Europe/Berlin");
    return undefined;
  }
  try {
    const { timeZone } = new Intl.DateTimeFormat("en-US", { timeZone: text }).resolvedOptions();
    return timeZone === "UTC" ? undefined : timeZone;
  } catch {
    throw invalidField("timezone", "must be the IANA name of a time zone, such as Europe/Berlin");
  }
}

/** What is asked for, of whom the caller may see it, and a warning where not all of it is there. */
export async function askedSpend(call: Call): Promise<SpendScope & AskedDays> {
  const asked = { ...(await visibleSpend(call)), ...askedDays(call) };
  await warnOfMissing(call, asked);
  return asked;
}

/** Days of a time zone are made of single answers, which are kept for a shorter time than sums of days, or not at all. */
async function warnOfMissing({ teams, warn }: Call, { from, to, timeZone, ...scope }: SpendOf): Promise<void> {
  if (timeZone === undefined) return;
  const { reports } = teams.spending;
  let first: number | undefined;
  try {
    first = await reports.firstLog(scope);
  } catch (error) {
    // Of whom little is kept this is the slowest question of the report, which may well be answered without it.
    if (!(error instanceof DheeraError && error.code === "timeout")) throw error;
    warn(
      "timezone: its days are summed from single answers, and since when they are kept took too long to find out; without timezone the report is whole",
    );
    return;
  }
  const until = Math.min(first ?? Number.POSITIVE_INFINITY, dayBegin(to) + 2 * day);
  const [sum] = await reports.sums({ ...scope, from: dayBegin(from), to: until - day }, []);
  if (sum === undefined || sum.requests === 0) return;
  const kept = first === undefined ? "none are kept" : `they are kept since ${new Date(first).toISOString()}`;
  warn(`timezone: its days are summed from single answers, and ${kept}; without timezone the report is whole`);
}
