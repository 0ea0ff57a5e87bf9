import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Whose doing an event was, so that one who makes many does not displace those of others. */
export const sourcesOfEvents: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema.alterTable("dheera_deliveries").addColumn("source", "text").execute();
    await schema
      .createIndex("dheera_deliveries_by_source")
      .on("dheera_deliveries")
      .columns(["webhook_id", "source", "created_at"])
      .execute();
  },
};
