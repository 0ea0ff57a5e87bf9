import type { AuditRow } from "@dheera-ai/teams";

import type { Call } from "../../management/call.ts";
import { ifSome } from "../../management/if-some.ts";
import { NotFound } from "../../management/not-found.ts";
import { dayAfter, dayBegin } from "../../management/spend/days.ts";

/** `GET /audit`: who changed what, the latest first. */
export async function listAudit(call: Call): Promise<object> {
  call.authorize("read", { kind: "audit" });
  const { query, teams } = call;
  const { page, size } = query.page("page_size", 25);
  const [from, to] = [query.day("start_date"), query.day("end_date")];
  const filter = {
    ...ifSome("kind", query.text("kind") ?? query.text("table_name")),
    ...ifSome("object_id", query.text("object_id")),
    ...ifSome("search", query.text("search", 200)),
    ...ifSome("actor", query.text("changed_by") ?? query.text("actor")),
    ...(from !== undefined && { from: dayBegin(from) }),
    ...(to !== undefined && { to: dayAfter(to) }),
  };
  const { rows, total } = await teams.stores.audit.list(filter, { page, size });
  return { audit_logs: rows.map(auditAnswer), total, page, page_size: size, total_pages: Math.ceil(total / size) };
}

/** `GET /audit/{id}`. */
export async function auditEntry(call: Call): Promise<object> {
  call.authorize("read", { kind: "audit" });
  const { rows } = await call.teams.stores.audit.list({ id: call.part }, { page: 1, size: 1 });
  const [row] = rows;
  if (!row) throw new NotFound("id", "this change");
  return auditAnswer(row);
}

/** A change, under LiteLLM's names. */
function auditAnswer(row: AuditRow): object {
  return {
    id: row.id,
    updated_at: new Date(row.at).toISOString(),
    changed_by: row.actor,
    action: row.action,
    table_name: row.kind,
    object_id: row.object_id,
    before_value: json(row.before),
    updated_values: json(row.after),
  };
}

function json(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
