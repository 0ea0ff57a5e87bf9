import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import { sum, text } from "../calls/values.ts";
import type { ListQuery, Listed } from "./listed.ts";

/** Who changed what. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  /** `key`, `team`, `user` … */
  readonly kind: string;
  readonly objectId: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** A field that a change has changed. */
export interface FieldChange {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const fieldValues = v.record(v.string(), v.unknown());

/** As an object, or as the JSON text that LiteLLM keeps. */
const values = v.pipe(
  v.unknown(),
  v.transform((given): Readonly<Record<string, unknown>> => {
    const read = v.safeParse(fieldValues, typeof given === "string" ? parsed(given) : given);
    return read.success ? read.output : {};
  }),
);

const auditPage = v.object({
  audit_logs: v.array(
    v.object({
      id: v.string(),
      updated_at: v.string(),
      changed_by: text,
      action: v.string(),
      table_name: v.string(),
      object_id: v.string(),
      before_value: values,
      updated_values: values,
    }),
  ),
  total: sum,
});

export async function listAudit(client: ManagementClient, query: ListQuery): Promise<Listed<AuditEntry>> {
  const { page, size, search, filters } = query;
  const { audit_logs, total } = await client.read("audit", auditPage, { ...filters, page, page_size: size, search });
  return {
    total,
    rows: audit_logs.map((entry) => ({
      id: entry.id,
      at: entry.updated_at,
      actor: entry.changed_by ?? "unknown",
      action: entry.action,
      kind: entry.table_name,
      objectId: entry.object_id,
      before: entry.before_value,
      after: entry.updated_values,
    })),
  };
}

/** Fields that changed; what says who changed it, when, and which one, stands in the row itself. */
export function changesOf({ before, after }: Pick<AuditEntry, "before" | "after">): readonly FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((field) => !beside.has(field));
  return fields
    .map((field) => ({ field, before: written(before[field]), after: written(after[field]) }))
    .filter((change) => change.before !== change.after);
}

const beside = new Set(["created_at", "created_by", "updated_at", "updated_by", "key_hash", "key_id", "budget_since"]);

function written(value: unknown): string {
  if (value === undefined || value === null) return "";
  const words = typeof value === "string" ? value : JSON.stringify(value);
  // An empty list or object is as good as none.
  return words === "{}" || words === "[]" ? "" : words;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
