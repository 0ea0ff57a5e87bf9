import type { Database } from "../../database/open-database.ts";
import type { WebhookRow } from "../../database/tables.ts";
import { webhooks } from "../../objects/kinds.ts";

/** A webhook that is told of everything. */
export async function addWebhook({ db }: Database, id: string, given: Partial<WebhookRow> = {}): Promise<void> {
  await db
    .insertInto("dheera_webhooks")
    .values({ ...webhooks.empty(id, "master", 1), ...given })
    .execute();
}

/** The bodies that are or were on their way to a webhook, in the order in which they were written. */
export async function toldOf({ db }: Database, id = "w"): Promise<readonly Record<string, unknown>[]> {
  const rows = await db.selectFrom("dheera_deliveries").select("body").where("webhook_id", "=", id).execute();
  const bodies: Record<string, unknown>[] = rows.map(({ body }) => JSON.parse(body));
  return bodies.toSorted((one, other) => String(one["timestamp"]).localeCompare(String(other["timestamp"])));
}
