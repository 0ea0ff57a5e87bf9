import { sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import { clockOf } from "../spending/sql.ts";
import { mostAttempts } from "./backoff.ts";
import { silentAfter } from "./deployments-down.ts";

/** Rows of one statement: what waits for it waits shortly. */
const atOnce = 1_000;
/** Milliseconds for which a webhook is remembered that no configuration names any more. */
const configuredKept = 86_400_000;
/** Milliseconds for which is remembered what was told last of a deployment. */
const statesKept = 30 * 86_400_000;

/**
 * Gives up what could not be delivered in all its time, and deletes what ended long ago.
 * @param kept milliseconds for which deliveries are kept to look at, and tried at most
 */
export async function removeOldDeliveries(
  { db, kind }: Pick<Database, "db" | "kind">,
  kept: number,
  now: () => number,
): Promise<void> {
  const clock = clockOf(kind, now);
  const before = sql`${clock} - ${sql.lit(kept)}`;
  // A process that dies in the midst of the last attempt cannot say that it failed.
  await sql`update dheera_deliveries set status = 'failed', ended_at = ${clock},
      last_error = coalesce(last_error, 'the process that sent it ended meanwhile')
    where status = 'pending' and next_attempt_at <= ${clock} and attempts >= ${sql.lit(mostAttempts)}`.execute(db);
  await sql`update dheera_deliveries set status = 'failed', ended_at = ${clock},
      last_error = coalesce(last_error, 'nobody could send it in its time')
    where status = 'pending' and next_attempt_at <= ${clock} and created_at < ${before}`.execute(db);
  for (;;) {
    const { numAffectedRows } = await sql`delete from dheera_deliveries where delivery_id in (
      select delivery_id from dheera_deliveries where status <> 'pending' and ended_at < ${before}
      limit ${sql.lit(atOnce)})`.execute(db);
    if (Number(numAffectedRows ?? 0) < atOnce) break;
  }
  for (;;) {
    const { numAffectedRows } = await sql`delete from dheera_events where event_key in (
      select event_key from dheera_events where kept_until < ${clock} limit ${sql.lit(atOnce)})`.execute(db);
    if (Number(numAffectedRows ?? 0) < atOnce) break;
  }
  await sql`delete from dheera_webhooks where seen_at < ${clock} - ${sql.lit(configuredKept)}`.execute(db);
  // Of a deployment that was taken away while it was down nobody says that it is up.
  await sql`delete from dheera_deployments_down where seen_at <= ${clock} - ${sql.lit(silentAfter)}`.execute(db);
  await sql`delete from dheera_deployment_states where changed_at < ${clock} - ${sql.lit(statesKept)}`.execute(db);
}
