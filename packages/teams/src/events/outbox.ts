import { type RawBuilder, sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import type { DeliveryRow } from "../database/tables.ts";
import { clockOf } from "../spending/sql.ts";
import { mostAttempts } from "./backoff.ts";

/** What became of an attempt. */
export type Outcome =
  | { readonly status: "delivered" }
  /** @param wait milliseconds */
  | { readonly status: "pending"; readonly error: string; readonly wait: number }
  | { readonly status: "failed"; readonly error: string };

/** Deliveries that wait, as all processes have them in the database. */
export interface Outbox {
  /** Webhooks with deliveries that are due. */
  due(): Promise<readonly string[]>;
  /**
   * Takes deliveries for this process. Until their lease ends nobody else takes them; a process that dies meanwhile has made an attempt.
   * @param lease milliseconds
   */
  claim(webhookId: string, most: number, lease: number): Promise<readonly DeliveryRow[]>;
  /** Has no effect where the lease had ended and another process has taken it. */
  finish(claimed: Pick<DeliveryRow, "delivery_id" | "attempts">, outcome: Outcome): Promise<void>;
}

/** Webhooks that are looked at in one round. */
const mostWebhooks = 200;

export function openOutbox({ db, kind }: Pick<Database, "db" | "kind">, now: () => number): Outbox {
  const isDue = (clock: RawBuilder<number>): RawBuilder<boolean> =>
    sql<boolean>`status = 'pending' and next_attempt_at <= ${clock}`;
  const withoutWaiting = kind === "postgresql" ? sql`for update skip locked` : sql``;
  return {
    async due() {
      const { rows } = await sql<{ webhook_id: string }>`
        select distinct webhook_id from dheera_deliveries where ${isDue(clockOf(kind, now))} limit ${sql.lit(mostWebhooks)}`.execute(
        db,
      );
      return rows.map(({ webhook_id }) => webhook_id);
    },
    async claim(webhookId, most, lease) {
      const clock = clockOf(kind, now);
      const { rows } = await sql<DeliveryRow>`
        update dheera_deliveries set attempts = attempts + 1, next_attempt_at = ${clock} + ${sql.lit(lease)}
        where delivery_id in (
          select delivery_id from dheera_deliveries
          where ${isDue(clock)} and webhook_id = ${webhookId} and attempts < ${sql.lit(mostAttempts)}
          order by case when event like 'deployment.%' then 0 else 1 end, next_attempt_at limit ${sql.lit(most)} ${withoutWaiting})
        returning *`.execute(db);
      return rows;
    },
    async finish({ delivery_id, attempts }, outcome) {
      const clock = clockOf(kind, now);
      const error = outcome.status === "delivered" ? null : outcome.error;
      const again = outcome.status === "pending" ? sql`${clock} + ${sql.lit(outcome.wait)}` : sql`next_attempt_at`;
      await sql`
        update dheera_deliveries set status = ${outcome.status}, last_error = ${error}, next_attempt_at = ${again},
          delivered_at = ${outcome.status === "delivered" ? clock : sql`null`},
          ended_at = ${outcome.status === "pending" ? sql`null` : clock}
        where delivery_id = ${delivery_id} and attempts = ${attempts} and status = 'pending'`.execute(db);
    },
  };
}
