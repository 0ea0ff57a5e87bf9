import { type RawBuilder, sql } from "kysely";

import type { Database } from "../database/open-database.ts";

/** Rows that somebody else writes or deletes are left to them: whoever waits for no lock keeps nobody waiting. */
export function skipLocked(kind: Database["kind"]): RawBuilder<unknown> {
  return kind === "postgresql" ? sql`for update skip locked` : sql``;
}

/**
 * Deletes what the audit log says of the time before: the one way in which rows leave it.
 * @param before milliseconds since the epoch
 * @param most rows of one call
 * @returns how many rows
 */
export function forgetAudit(
  { kind, transaction: transact }: Pick<Database, "kind" | "transaction">,
  before: number,
  most = 5_000,
): Promise<number> {
  return transact(async (transaction) => {
    await transaction.updateTable("dheera_retention").set({ audit_before: before }).where("id", "=", 1).execute();
    const { numAffectedRows } = await sql`delete from dheera_audit where id in (
      select id from dheera_audit where at < ${before} limit ${sql.lit(most)} ${skipLocked(kind)})`.execute(
      transaction,
    );
    await transaction.updateTable("dheera_retention").set({ audit_before: 0 }).where("id", "=", 1).execute();
    return Number(numAffectedRows ?? 0);
  });
}
