import { randomUUID } from "node:crypto";

import { type RawBuilder, sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { Run } from "../spending/lane.ts";
import { clockOf } from "../spending/sql.ts";
import { bodiesOf } from "./bodies.ts";
import type { NewEvent } from "./event.ts";

/** Deliveries that may wait for one webhook, of each kind of event so many; what comes then is counted and not kept. */
export const mostPending = 1_000;
const roomOf = new Map([
  ["budget", 600],
  ["key", 200],
  ["deployment", 200],
]);
/** Deliveries to one webhook that one user, team or key may cause an hour, because whoever may make keys could make any number. */
export const mostOfSource = 50;
const hour = 3_600_000;
/** Milliseconds for which an event is known, so that it is not told twice. */
export const eventKept = 90 * 86_400_000;
/** Milliseconds after which a webhook that no process's configuration has named any more is told nothing. */
export const configuredFor = 600_000;

/**
 * Puts an event on its way to every webhook that wants it, within the transaction that made it true: both happen, or neither. One that
 * nobody wants is not kept.
 * @returns whether it was new
 */
export async function recordEvent(
  run: Run,
  kind: Database["kind"],
  event: NewEvent,
  now: () => number,
): Promise<boolean> {
  const id = `evt_${randomUUID().replaceAll("-", "")}`;
  const { json, slack } = bodiesOf(event, id);
  const clock = clockOf(kind, now);
  const wants = wanting(event.type, clock);
  const hasRoom = roomFor(event, clock);
  const keptUntil = Math.max(event.keptUntil ?? 0, event.at + eventKept);
  const [added] = await run(sql`
    insert into dheera_events (event_key, event_id, type, at, kept_until)
    select ${text(event.key)}, ${text(id)}, ${text(event.type)}, ${whole(event.at)}, ${whole(keptUntil)}
    where exists (select 1 from dheera_webhooks w where ${wants})
    on conflict (event_key) do nothing returning event_id`);
  if (added === undefined) return false;
  await run(sql`update dheera_webhooks set missed = missed + 1 where webhook_id in (
    select w.webhook_id from dheera_webhooks w where ${wants} and not (${hasRoom})
    ${kind === "postgresql" ? sql`order by w.webhook_id collate "C" for update` : sql``})`);
  await run(sql`
    insert into dheera_deliveries
      (delivery_id, webhook_id, event_id, event, source, body, created_at, next_attempt_at, attempts, status)
    select ${text(`${id}/`)} || w.webhook_id, w.webhook_id, ${text(id)}, ${text(event.type)},
      ${event.source === undefined ? sql`null` : text(event.source)},
      case when w.format = 'slack' then ${text(slack)} else ${text(json)} end, ${clock}, ${clock}, 0, 'pending'
    from dheera_webhooks w where ${wants} and ${hasRoom}
    on conflict (delivery_id) do nothing`);
  return true;
}

/** Whether any webhook is told of it. */
export async function isWanted(
  { db, kind }: Pick<Database, "db" | "kind">,
  type: NewEvent["type"],
  now: () => number,
): Promise<boolean> {
  const { rows } =
    await sql`select 1 from dheera_webhooks w where ${wanting(type, clockOf(kind, now))} limit 1`.execute(db);
  return rows.length > 0;
}

/** SQL that is true of webhooks `w` that are told of it. The list is JSON, and no name of an event is a part of another's. */
function wanting(type: string, clock: RawBuilder<number>): RawBuilder<boolean> {
  return sql<boolean>`w.disabled = 0 and (w.events is null or w.events like ${`%"${type}"%`})
    and (w.seen_at is null or w.seen_at > ${clock} - ${sql.raw(String(configuredFor))})`;
}

/** SQL that is true of webhooks `w` for which not too much of its kind waits, and that were not told too much of who caused it. */
function roomFor({ type, source }: NewEvent, clock: RawBuilder<number>): RawBuilder<boolean> {
  const [kind = ""] = type.split(".");
  const room = roomOf.get(kind) ?? 0;
  const hasRoom = sql<boolean>`(select count(*) from dheera_deliveries d where d.webhook_id = w.webhook_id
    and d.status = 'pending' and d.event like ${`${kind}.%`}) < ${sql.lit(room)}`;
  if (source === undefined) return hasRoom;
  return sql<boolean>`${hasRoom} and (select count(*) from dheera_deliveries d where d.webhook_id = w.webhook_id
    and d.source = ${text(source)} and d.created_at > ${clock} - ${sql.lit(hour)}) < ${sql.lit(mostOfSource)}`;
}

function text(value: string): RawBuilder<string> {
  return sql<string>`cast(${value} as text)`;
}

function whole(value: number): RawBuilder<number> {
  return sql<number>`cast(${Math.floor(value)} as bigint)`;
}
