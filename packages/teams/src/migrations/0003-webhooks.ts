import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What webhooks are told, how far each delivery is, and which deployments are down. */
export const webhooks: Migration = {
  async up({ schema }: Kysely<unknown>) {
    for (const name of ["updated_by", "previous_secret"])
      await schema.alterTable("dheera_webhooks").addColumn(name, "text").execute();
    for (const name of ["updated_at", "previous_until", "seen_at"])
      await schema.alterTable("dheera_webhooks").addColumn(name, "bigint").execute();
    for (const name of ["disabled", "missed"])
      await schema
        .alterTable("dheera_webhooks")
        .addColumn(name, "bigint", (count) => count.notNull().defaultTo(0))
        .execute();

    await schema.alterTable("dheera_deliveries").addColumn("event_id", "text").execute();
    await schema
      .alterTable("dheera_deliveries")
      .addColumn("status", "text", (status) => status.notNull().defaultTo("pending"))
      .execute();
    await schema.alterTable("dheera_deliveries").addColumn("ended_at", "bigint").execute();
    for (const [name, columns] of [
      ["status", ["status", "next_attempt_at"]],
      ["webhook", ["webhook_id", "status", "created_at"]],
    ] as const)
      await schema
        .createIndex(`dheera_deliveries_by_${name}`)
        .on("dheera_deliveries")
        .columns([...columns])
        .execute();

    await schema
      .createTable("dheera_events")
      .addColumn("event_key", "text", (key) => key.primaryKey())
      .addColumn("event_id", "text", (id) => id.notNull())
      .addColumn("type", "text", (type) => type.notNull())
      .addColumn("at", "bigint", (at) => at.notNull())
      .addColumn("kept_until", "bigint", (at) => at.notNull())
      .execute();
    await schema.createIndex("dheera_events_by_end").on("dheera_events").column("kept_until").execute();

    await schema
      .createTable("dheera_deployment_states")
      .addColumn("deployment_id", "text", (id) => id.primaryKey())
      .addColumn("is_down", "integer", (truth) => truth.notNull())
      .addColumn("changed_at", "bigint", (at) => at.notNull())
      .addColumn("told_down_at", "bigint", (at) => at.notNull())
      .execute();
    await schema
      .createTable("dheera_deployments_down")
      .addColumn("deployment_id", "text", (id) => id.notNull())
      .addColumn("replica_id", "text", (id) => id.notNull())
      .addColumn("seen_at", "bigint", (at) => at.notNull())
      .addPrimaryKeyConstraint("dheera_deployments_down_key", ["deployment_id", "replica_id"])
      .execute();

    await schema.createIndex("dheera_keys_by_expiry").on("dheera_keys").column("expires").execute();
  },
};
