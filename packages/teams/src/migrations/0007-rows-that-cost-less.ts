import { type Kysely, sql, SqliteAdapter } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * In SQLite, which is of the process that serves, an answer is written without two indexes: with answers of hundreds of keys in each batch
 * they are most of what it costs. Reports read without them, in a process of their own; so does a release that knows nothing of it, more
 * slowly. What was looked for from a table's beginning to its end gets indexes, of tables to which requests write nothing.
 */
export const rowsThatCostLess: Migration = {
  async up(db: Kysely<unknown>) {
    const { schema } = db;
    if (db.getExecutor().adapter instanceof SqliteAdapter)
      for (const column of ["key_hash", "team_id"])
        await schema.dropIndex(`dheera_spend_logs_by_${column}`).ifExists().execute();
    for (const table of ["keys", "members", "users", "teams", "organization_members", "organizations"])
      await indexWhereSet(db, table, "budget_id");
    await indexWhereSet(db, "keys", "expires");
    await indexWhereSet(db, "sessions", "key_hash");
    // Who signs in is found by an address in whatever letters.
    await sql`create index dheera_users_by_email on dheera_users (lower(user_email))`.execute(db);
  },
};

async function indexWhereSet({ schema }: Kysely<unknown>, table: string, column: string): Promise<void> {
  await schema
    .createIndex(`dheera_${table}_by_${column}`)
    .on(`dheera_${table}`)
    .column(column)
    .where(column, "is not", null)
    .execute();
}
