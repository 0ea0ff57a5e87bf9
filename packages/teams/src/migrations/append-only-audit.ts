import { type Kysely, PostgresAdapter, sql } from "kysely";

/**
 * Makes both databases refuse to change rows of the audit log, and to delete any that are younger than what `dheera_retention` says: who
 * deletes old ones raises it in the same transaction (`forgetAudit`).
 */
export async function makeAuditAppendOnly(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("dheera_retention")
    .addColumn("id", "integer", (id) => id.primaryKey())
    .addColumn("audit_before", "bigint", (at) => at.notNull())
    .execute();
  await sql`insert into dheera_retention (id, audit_before) values (1, 0)`.execute(db);
  const isPostgresql = db.getExecutor().adapter instanceof PostgresAdapter;
  for (const statement of isPostgresql ? postgresql : sqlite) await sql.raw(statement).execute(db);
}

const updated = "the audit log is append only: rows are not changed";
const deleted = "the audit log is append only: rows are deleted by retention alone";

const sqlite = [
  `create trigger dheera_audit_no_update before update on dheera_audit begin select raise(abort, '${updated}'); end`,
  `create trigger dheera_audit_no_delete before delete on dheera_audit
     when old.at >= (select audit_before from dheera_retention where id = 1)
     begin select raise(abort, '${deleted}'); end`,
];

const postgresql = [
  `create function dheera_audit_no_update() returns trigger language plpgsql as $$
     begin raise exception '${updated}'; end $$`,
  `create trigger dheera_audit_no_update before update or truncate on dheera_audit
     for each statement execute function dheera_audit_no_update()`,
  `create function dheera_audit_no_delete() returns trigger language plpgsql as $$
     begin
       if old.at >= (select audit_before from dheera_retention where id = 1) then raise exception '${deleted}'; end if;
       return old;
     end $$`,
  `create trigger dheera_audit_no_delete before delete on dheera_audit
     for each row execute function dheera_audit_no_delete()`,
];
