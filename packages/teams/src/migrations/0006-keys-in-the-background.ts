import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Apart from their priority, a number, which older releases go on reading. */
export const keysInTheBackground: Migration = {
  async up({ schema }: Kysely<unknown>) {
    await schema.alterTable("dheera_keys").addColumn("background", "integer").execute();
  },
};
