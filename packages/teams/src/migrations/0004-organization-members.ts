import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

import { limited } from "./0001-first-tables.ts";

/** Who belongs to an organization, and what they may spend in all of it. */
export const organizationMembers: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await limited(
      schema
        .createTable("dheera_organization_members")
        .addColumn("organization_id", "text", (id) =>
          id.notNull().references("dheera_organizations.organization_id").onDelete("cascade"),
        )
        .addColumn("user_id", "text", (id) => id.notNull().references("dheera_users.user_id").onDelete("cascade"))
        .addColumn("role", "text", (role) => role.notNull())
        .addColumn("created_at", "bigint", (at) => at.notNull())
        .addPrimaryKeyConstraint("dheera_organization_members_key", ["organization_id", "user_id"]),
    ).execute();
    await schema
      .createIndex("dheera_organization_members_by_user")
      .on("dheera_organization_members")
      .column("user_id")
      .execute();
  },
};
