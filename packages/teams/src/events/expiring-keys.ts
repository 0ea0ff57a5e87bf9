import { sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { KeyRow } from "../database/tables.ts";
import { runIn } from "../spending/lane.ts";
import { named, type NewEvent, prefixOf, sourceOf } from "./event.ts";
import { isWanted, recordEvent } from "./record-event.ts";

const day = 86_400_000;
/** Keys of one look; the next one finds the others. */
const mostKeys = 200;

type ExpiringKey = Pick<KeyRow, "key_id" | "key_alias" | "key_name" | "team_id" | "user_id"> & {
  readonly expires: number;
};

/**
 * Tells of keys that expire in one of these numbers of days, each once for each, whichever process finds it first. One that was made for
 * less time is none to be warned of. Where nobody wants to know, one question is all that is asked.
 * @param days in any order
 */
export async function tellExpiring(database: Database, days: readonly number[], now: () => number): Promise<void> {
  if (!(await isWanted(database, "key.expiring", now))) return;
  const ascending = days.toSorted((one, other) => one - other);
  let past = 0;
  for (const ahead of ascending) {
    await tellOf(database, { ahead, past, now });
    past = ahead;
  }
}

/** Those that expire in more than `past` and at most `ahead` days. */
async function tellOf(
  database: Database,
  { ahead, past, now }: { readonly ahead: number; readonly past: number; readonly now: () => number },
): Promise<void> {
  const [from, to] = [now() + past * day, now() + ahead * day];
  const { rows } = await sql<ExpiringKey>`
    select key_id, key_alias, key_name, team_id, user_id, expires from dheera_keys k
    where expires > cast(${from} as bigint) and expires <= cast(${to} as bigint) and blocked = 0
      and expires - created_at > ${sql.lit(ahead * day)}
      and not exists (select 1 from dheera_events e
        where e.event_key = cast(${`${keyPrefix}${ahead}:`} as text) || cast(k.expires as text) || ':' || k.key_id)
    order by expires, key_id limit ${sql.lit(mostKeys)}`.execute(database.db);
  if (rows.length === 0) return;
  // In one, because a transaction of its own for each would be hundreds a minute in every process.
  await database.transaction(async (transaction) => {
    for (const key of rows) await recordEvent(runIn(transaction), database.kind, expiring(key, ahead, now()), now);
  });
}

const keyPrefix = "key.expiring:";

function expiring({ key_id, key_alias, key_name, expires, team_id, user_id }: ExpiringKey, days: number, at: number) {
  const when = new Date(expires).toISOString();
  return {
    key: `${keyPrefix}${days}:${expires}:${key_id}`,
    type: "key.expiring",
    at,
    keptUntil: expires,
    source: sourceOf({ user_id, team_id }, key_id),
    message: `The key ${named(key_alias ?? key_name)} (${prefixOf(key_id)}) expires at ${when}: give it more time, or its users another key.`,
    fields: {
      event: "key_expiring",
      event_group: "key",
      token: prefixOf(key_id),
      key_name,
      expires: when,
      ...(key_alias !== null && { key_alias }),
      ...(team_id !== null && { team_id }),
      ...(user_id !== null && { user_id }),
    },
  } as const satisfies NewEvent;
}
