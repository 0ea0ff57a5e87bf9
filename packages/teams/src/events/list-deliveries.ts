import type { Database } from "../database/open-database.ts";
import type { DeliveryRow } from "../database/tables.ts";
import type { Found, Page } from "../objects/stores.ts";

export interface DeliveryFilter {
  readonly webhook_id?: string;
  /** `pending`, `delivered` or `failed`. */
  readonly status?: string;
}

/** The latest first. */
export async function listDeliveries(
  database: Pick<Database, "report">,
  { webhook_id: webhook, status }: DeliveryFilter,
  { page, size }: Page,
): Promise<Found<DeliveryRow>> {
  return database.report(async (db) => {
    let matching = db.selectFrom("dheera_deliveries");
    if (webhook !== undefined) matching = matching.where("webhook_id", "=", webhook);
    if (status !== undefined) matching = matching.where("status", "=", status);
    const rows = await matching
      .selectAll()
      .orderBy("created_at", "desc")
      .orderBy("delivery_id")
      .limit(size)
      .offset((page - 1) * size)
      .execute();
    const { total } = await matching.select((of) => of.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
    return { rows, total };
  });
}
