import { type RawBuilder, sql } from "kysely";

import { deleteInRanges } from "../database/delete-in-ranges.ts";
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
  database: Pick<Database, "db" | "kind" | "upkeep">,
  kept: number,
  now: () => number,
): Promise<void> {
  const { db, kind } = database;
  const clock = clockOf(kind, now);
  const before = sql`${clock} - ${sql.lit(kept)}`;
  // A process that dies in the midst of the last attempt cannot say that it failed.
  await sql`update dheera_deliveries set status = 'failed', ended_at = ${clock},
      last_error = coalesce(last_error, 'the process that sent it ended meanwhile')
    where status = 'pending' and next_attempt_at <= ${clock} and attempts >= ${sql.lit(mostAttempts)}`.execute(db);
  await sql`update dheera_deliveries set status = 'failed', ended_at = ${clock},
      last_error = coalesce(last_error, 'nobody could send it in its time')
    where status = 'pending' and next_attempt_at <= ${clock} and created_at < ${before}`.execute(db);
  await deleteWhere(database, "dheera_deliveries", "delivery_id", sql`status <> 'pending' and ended_at < ${before}`);
  await deleteWhere(database, "dheera_events", "event_key", sql`kept_until < ${clock}`);
  await sql`delete from dheera_webhooks where seen_at < ${clock} - ${sql.lit(configuredKept)}`.execute(db);
  // Of a deployment that was taken away while it was down nobody says that it is up.
  await sql`delete from dheera_deployments_down where seen_at <= ${clock} - ${sql.lit(silentAfter)}`.execute(db);
  await sql`delete from dheera_deployment_states where changed_at < ${clock} - ${sql.lit(statesKept)}`.execute(db);
}

/** By pieces, because no index finds them, of which every delivery would have its part. */
async function deleteWhere(
  { db, kind, upkeep }: Pick<Database, "db" | "kind" | "upkeep">,
  table: "dheera_deliveries" | "dheera_events",
  key: string,
  condition: RawBuilder<unknown>,
): Promise<void> {
  if (kind === "sqlite") {
    await upkeep((piece) => deleteInRanges(piece, table, condition));
    return;
  }
  for (;;) {
    const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where ${sql.ref(key)} in (
      select ${sql.ref(key)} from ${sql.table(table)} where ${condition} limit ${sql.lit(atOnce)})`.execute(db);
    if (numAffectedRows < atOnce) return;
  }
}
