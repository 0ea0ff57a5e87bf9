import type { Payer } from "../spending.ts";
import type { BookedEntry, OpenAnswers } from "./open-answers.ts";
import { clean, cleanOrNull, count } from "./storable.ts";

/** In this order are the cells of a row of `dheera_spend_logs`. */
export const logColumns = [
  "request_id",
  "call_id",
  "at",
  "key_hash",
  "key_name",
  "team_id",
  "user_id",
  "organization_id",
  "tags",
  "model",
  "deployment",
  "provider",
  "status",
  "cost",
  "saved_cost",
  "documents",
  "tokens",
  "cache_hits",
  "milliseconds",
] as const;

export type Cell = string | number | null;

/** As JSON they are a list. */
export interface LogRows extends Iterable<readonly Cell[]> {
  readonly length: number;
}

/** Rows that are made when they are read, each time: whoever takes them one by one needs no list of them. */
export function logRows(answers: OpenAnswers): LogRows {
  function* rows(): Generator<readonly Cell[]> {
    const payers = remember(payerCells);
    const names = remember(cleanOrNull);
    for (const entry of answers) yield rowOf(entry, payers(entry.answered.payer), names);
  }
  const made = { length: answers.length, [Symbol.iterator]: rows, toJSON: () => [...rows()] };
  return made;
}

type PayerCells = readonly [string, string, string | null, string | null, string | null, string];

function payerCells(payer: Payer): PayerCells {
  return [
    clean(payer.key_hash),
    clean(payer.key_name),
    cleanOrNull(payer.team_id),
    cleanOrNull(payer.user_id),
    cleanOrNull(payer.organization_id),
    textOf(payer.tags),
  ];
}

/** Few payers and names are in many rows. */
function remember<Of, Made>(make: (of: Of) => Made): (of: Of) => Made {
  const known = new Map<Of, Made>();
  return (of) => {
    const before = known.get(of);
    if (before !== undefined) return before;
    const made = make(of);
    known.set(of, made);
    return made;
  };
}

function rowOf(
  { requestId, answered }: BookedEntry,
  [key, name, team, user, organization, tags]: PayerCells,
  names: (name: string | null) => string | null,
): Cell[] {
  return [
    clean(requestId),
    clean(answered.call_id),
    count(answered.at),
    key,
    name,
    team,
    user,
    organization,
    tags,
    names(answered.model),
    names(answered.deployment),
    names(answered.provider),
    count(answered.status),
    answered.cost === null ? null : count(answered.cost),
    answered.saved_cost === null ? null : count(answered.saved_cost),
    count(answered.documents),
    count(answered.tokens),
    count(answered.cache_hits),
    Number.isFinite(answered.milliseconds) ? answered.milliseconds : 0,
  ];
}

/** Read as JSON by the database itself, when it sums for each tag. */
function textOf(tags: readonly string[]): string {
  if (tags.length === 0) return "[]";
  const json = JSON.stringify(tags);
  return json.includes("\\u0000") || json.includes("\\ud") ? JSON.stringify(tags.map(clean)) : json;
}
