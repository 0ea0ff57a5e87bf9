import { hash } from "node:crypto";

import { invalidField } from "../../formats/read-fields.ts";
import { mayDo } from "../authorize.ts";
import type { Call } from "../call.ts";
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
export function askedDays({ query }: Call): { readonly from: string; readonly to: string } {
  const to = query.day("end_date") ?? new Date().toISOString().slice(0, 10);
  const from = query.day("start_date") ?? new Date(dayBegin(to) - 29 * day).toISOString().slice(0, 10);
  if (from > to) throw invalidField("start_date", "must not be after end_date");
  if (dayBegin(to) - dayBegin(from) >= mostDays * day)
    throw invalidField("start_date", `must be less than ${mostDays} days before end_date; ask for the rest by itself`);
  return { from, to };
}
