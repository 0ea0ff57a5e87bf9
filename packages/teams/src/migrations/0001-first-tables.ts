import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

import { makeAuditAppendOnly } from "./append-only-audit.ts";

/** Every table; `tables.ts` says what the columns mean. */
export const firstTables: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db;
    await limited(
      schema.createTable("dheera_budgets").addColumn("budget_id", "text", (id) => id.primaryKey()),
      {
        shared: true,
      },
    )
      .$call(written)
      .execute();
    await limited(
      schema
        .createTable("dheera_organizations")
        .addColumn("organization_id", "text", (id) => id.primaryKey())
        .addColumn("organization_alias", "text"),
    )
      .$call(described)
      .execute();
    await limited(
      schema
        .createTable("dheera_teams")
        .addColumn("team_id", "text", (id) => id.primaryKey())
        .addColumn("team_alias", "text")
        .addColumn("organization_id", "text", (id) => id.references("dheera_organizations.organization_id")),
    )
      .$call(described)
      .execute();
    await limited(
      schema
        .createTable("dheera_users")
        .addColumn("user_id", "text", (id) => id.primaryKey())
        .addColumn("user_alias", "text")
        .addColumn("user_email", "text")
        .addColumn("user_role", "text", (role) => role.notNull())
        .addColumn("sso_user_id", "text", (id) => id.unique()),
    )
      .$call(described)
      .execute();
    await limited(
      schema
        .createTable("dheera_members")
        .addColumn("team_id", "text", (id) => id.notNull().references("dheera_teams.team_id").onDelete("cascade"))
        .addColumn("user_id", "text", (id) => id.notNull().references("dheera_users.user_id").onDelete("cascade"))
        .addColumn("role", "text", (role) => role.notNull())
        .addColumn("created_at", "bigint", (at) => at.notNull())
        .addPrimaryKeyConstraint("dheera_members_key", ["team_id", "user_id"]),
    ).execute();
    await limited(
      schema
        .createTable("dheera_keys")
        .addColumn("key_hash", "text", (hash) => hash.primaryKey())
        .addColumn("key_id", "text", (id) => id.notNull().unique())
        .addColumn("key_name", "text", (name) => name.notNull())
        .addColumn("key_alias", "text", (alias) => alias.unique())
        .addColumn("team_id", "text", (id) => id.references("dheera_teams.team_id"))
        .addColumn("user_id", "text", (id) => id.references("dheera_users.user_id"))
        .addColumn("organization_id", "text", (id) => id.references("dheera_organizations.organization_id"))
        .addColumn("expires", "bigint")
        .addColumn("priority", "integer")
        .addColumn("read_metrics", "integer", (truth) => truth.notNull().defaultTo(0))
        .addColumn("previous_hash", "text", (hash) => hash.unique())
        .addColumn("previous_until", "bigint")
        .addColumn("rotated_at", "bigint"),
    )
      .$call(described)
      .execute();
    for (const column of ["team_id", "user_id", "organization_id"])
      await schema.createIndex(`dheera_keys_by_${column}`).on("dheera_keys").column(column).execute();
    await schema.createIndex("dheera_teams_by_organization").on("dheera_teams").column("organization_id").execute();
    await schema.createIndex("dheera_members_by_user").on("dheera_members").column("user_id").execute();

    await schema
      .createTable("dheera_models")
      .addColumn("model_id", "text", (id) => id.primaryKey())
      .addColumn("model_name", "text", (name) => name.notNull())
      .addColumn("params", "text", (json) => json.notNull())
      .addColumn("info", "text", (json) => json.notNull())
      .addColumn("blocked", "integer", (truth) => truth.notNull().defaultTo(0))
      .$call(written)
      .execute();

    await schema
      .createTable("dheera_change_counter")
      .addColumn("id", "integer", (id) => id.primaryKey())
      .addColumn("value", "bigint", (value) => value.notNull())
      .execute();
    await sql`insert into dheera_change_counter (id, value) values (1, 0)`.execute(db);
    await schema
      .createTable("dheera_changes")
      .addColumn("sequence", "bigint", (sequence) => sequence.primaryKey())
      .addColumn("at", "bigint", (at) => at.notNull())
      .addColumn("kind", "text", (kind) => kind.notNull())
      .addColumn("id", "text", (id) => id.notNull())
      .execute();
    await schema
      .createTable("dheera_audit")
      .addColumn("id", "text", (id) => id.primaryKey())
      .addColumn("at", "bigint", (at) => at.notNull())
      .addColumn("actor", "text", (actor) => actor.notNull())
      .addColumn("action", "text", (action) => action.notNull())
      .addColumn("kind", "text", (kind) => kind.notNull())
      .addColumn("object_id", "text", (id) => id.notNull())
      .addColumn("before", "text")
      .addColumn("after", "text")
      .execute();
    await schema.createIndex("dheera_audit_by_time").on("dheera_audit").column("at").execute();
    await makeAuditAppendOnly(db);
    await schema
      .createTable("dheera_sessions")
      .addColumn("session_hash", "text", (hash) => hash.primaryKey())
      .addColumn("user_id", "text", (id) => id.references("dheera_users.user_id").onDelete("cascade"))
      .addColumn("key_hash", "text")
      .addColumn("master_proof", "text")
      .addColumn("id_token", "text")
      .addColumn("created_at", "bigint", (at) => at.notNull())
      .addColumn("expires", "bigint", (at) => at.notNull())
      .execute();
    for (const column of ["user_id", "expires"] as const)
      await schema.createIndex(`dheera_sessions_by_${column}`).on("dheera_sessions").column(column).execute();

    await schema
      .createTable("dheera_spend_batches")
      .addColumn("batch_id", "text", (id) => id.primaryKey())
      .addColumn("booked_at", "bigint", (at) => at.notNull())
      .addColumn("answers", "integer", (count) => count.notNull())
      .execute();
    await schema
      .createTable("dheera_spend_logs")
      .addColumn("request_id", "text", (id) => id.primaryKey())
      .addColumn("call_id", "text", (id) => id.notNull())
      .addColumn("at", "bigint", (at) => at.notNull())
      .addColumn("key_hash", "text", (hash) => hash.notNull())
      .addColumn("key_name", "text", (name) => name.notNull())
      .addColumn("team_id", "text")
      .addColumn("user_id", "text")
      .addColumn("organization_id", "text")
      .addColumn("tags", "text", (json) => json.notNull())
      .addColumn("model", "text", (model) => model.notNull())
      .addColumn("deployment", "text")
      .addColumn("provider", "text")
      .addColumn("status", "integer", (status) => status.notNull())
      .addColumn("cost", "bigint")
      .addColumn("saved_cost", "bigint")
      .addColumn("documents", "integer", (count) => count.notNull())
      .addColumn("tokens", "bigint", (count) => count.notNull())
      .addColumn("cache_hits", "integer", (count) => count.notNull())
      .addColumn("milliseconds", "double precision", (time) => time.notNull())
      .execute();
    await schema.createIndex("dheera_spend_logs_by_time").on("dheera_spend_logs").column("at").execute();
    for (const column of ["key_hash", "team_id"])
      await schema
        .createIndex(`dheera_spend_logs_by_${column}`)
        .on("dheera_spend_logs")
        .columns([column, "at"])
        .execute();
    const days = ["day", "key_hash", "team_id", "user_id", "organization_id", "model", "provider"];
    const sums = ["requests", "errors", "unknown_costs", "cost", "saved_cost", "documents", "tokens", "cache_hits"];
    let table: CreateTableBuilder<string, string> = schema.createTable("dheera_spend_days");
    for (const name of days) table = table.addColumn(name, "text", (column) => column.notNull());
    for (const name of sums) table = table.addColumn(name, "bigint", (sum) => sum.notNull().defaultTo(0));
    await table.addPrimaryKeyConstraint("dheera_spend_days_key", days).execute();
    await schema.createIndex("dheera_spend_days_by_team").on("dheera_spend_days").columns(["team_id", "day"]).execute();

    const window = ["owner_kind", "owner_id", "window_start"] as const;
    await schema
      .createTable("dheera_spent")
      .addColumn("owner_kind", "text", (kind) => kind.notNull())
      .addColumn("owner_id", "text", (id) => id.notNull())
      .addColumn("window_start", "bigint", (at) => at.notNull())
      .addColumn("spent", "bigint", (amount) => amount.notNull().defaultTo(0))
      .addColumn("warned_at", "bigint")
      .addColumn("exhausted_at", "bigint")
      .addPrimaryKeyConstraint("dheera_spent_key", [...window])
      .execute();
    await schema
      .createTable("dheera_replicas")
      .addColumn("replica_id", "text", (id) => id.primaryKey())
      .addColumn("started_at", "bigint", (at) => at.notNull())
      .addColumn("seen_at", "bigint", (at) => at.notNull())
      .addColumn("version", "text", (version) => version.notNull())
      .execute();
    await schema
      .createTable("dheera_allowances")
      .addColumn("owner_kind", "text", (kind) => kind.notNull())
      .addColumn("owner_id", "text", (id) => id.notNull())
      .addColumn("window_start", "bigint", (at) => at.notNull())
      .addColumn("replica_id", "text", (id) => id.notNull())
      .addColumn("amount", "bigint", (amount) => amount.notNull())
      .addColumn("wanted", "bigint", (amount) => amount.notNull().defaultTo(0))
      .addColumn("updated_at", "bigint", (at) => at.notNull())
      .addPrimaryKeyConstraint("dheera_allowances_key", [...window, "replica_id"])
      .execute();

    await schema
      .createTable("dheera_webhooks")
      .addColumn("webhook_id", "text", (id) => id.primaryKey())
      .addColumn("url", "text", (url) => url.notNull())
      .addColumn("secret", "text")
      .addColumn("format", "text", (format) => format.notNull())
      .addColumn("events", "text")
      .addColumn("team_id", "text", (id) => id.references("dheera_teams.team_id").onDelete("cascade"))
      .addColumn("created_at", "bigint", (at) => at.notNull())
      .addColumn("created_by", "text", (by) => by.notNull())
      .execute();
    await schema
      .createTable("dheera_deliveries")
      .addColumn("delivery_id", "text", (id) => id.primaryKey())
      .addColumn("webhook_id", "text", (id) =>
        id.notNull().references("dheera_webhooks.webhook_id").onDelete("cascade"),
      )
      .addColumn("event", "text", (event) => event.notNull())
      .addColumn("body", "text", (body) => body.notNull())
      .addColumn("created_at", "bigint", (at) => at.notNull())
      .addColumn("next_attempt_at", "bigint", (at) => at.notNull())
      .addColumn("attempts", "integer", (count) => count.notNull().defaultTo(0))
      .addColumn("delivered_at", "bigint")
      .addColumn("last_error", "text")
      .execute();
    await schema
      .createIndex("dheera_deliveries_by_next_attempt")
      .on("dheera_deliveries")
      .columns(["delivered_at", "next_attempt_at"])
      .execute();
  },
};

/** `LimitColumns`, which tables of later steps have too; those of a budget that several share have no models and nothing that began. */
export function limited<Name extends string, Columns extends string>(
  table: CreateTableBuilder<Name, Columns>,
  { shared = false } = {},
): CreateTableBuilder<string, string> {
  let all: CreateTableBuilder<string, string> = table;
  for (const name of ["rpm_limit", "tpm_limit", "dpm_limit"]) all = all.addColumn(name, "bigint");
  all = all.addColumn("max_parallel_requests", "integer");
  for (const name of ["max_budget", "soft_budget"]) all = all.addColumn(name, "double precision");
  for (const name of ["budget_duration", "budget_time_zone"]) all = all.addColumn(name, "text");
  if (shared) return all;
  return all
    .addColumn("models", "text")
    .addColumn("max_documents", "integer")
    .addColumn("budget_since", "bigint", (at) => at.notNull())
    .addColumn("budget_id", "text", (id) => id.references("dheera_budgets.budget_id"));
}

/** Who made and changed a row, and when. */
function written(table: CreateTableBuilder<string, string>): CreateTableBuilder<string, string> {
  return table
    .addColumn("created_at", "bigint", (at) => at.notNull())
    .addColumn("created_by", "text", (by) => by.notNull())
    .addColumn("updated_at", "bigint", (at) => at.notNull())
    .addColumn("updated_by", "text", (by) => by.notNull());
}

function described(table: CreateTableBuilder<string, string>): CreateTableBuilder<string, string> {
  return written(
    table
      .addColumn("metadata", "text", (json) => json.notNull().defaultTo("{}"))
      .addColumn("tags", "text", (json) => json.notNull().defaultTo("[]"))
      .addColumn("blocked", "integer", (truth) => truth.notNull().defaultTo(0)),
  );
}
