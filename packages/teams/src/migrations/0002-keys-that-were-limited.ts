import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Who limited a key last, and which keys were blocked when they were deleted. */
export const keysThatWereLimited: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema.alterTable("dheera_keys").addColumn("limited_by", "text").execute();
    await schema
      .createTable("dheera_blocked_hashes")
      .addColumn("key_hash", "text", (hash) => hash.primaryKey())
      .addColumn("blocked_at", "bigint", (at) => at.notNull())
      .execute();
  },
};
