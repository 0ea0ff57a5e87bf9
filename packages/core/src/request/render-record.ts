import type { JsonDocument } from "./api.ts";

export type JsonRecord = Exclude<JsonDocument, string>;

/**
 * The text that is scored for a record without `rank_fields`: its `text`, or else all its fields in the order they were
 * sent. Undefined where that is nothing.
 */
export function renderRecord(record: JsonRecord): string | undefined {
  return typeof record["text"] === "string" ? record["text"] : renderFields(record, Object.keys(record));
}

/**
 * These fields of a record, in the order they are named. One field alone gives its bare value; several give `name:
 * value` lines. Undefined where the record has none of them, or only nulls in them.
 */
export function renderFields(record: JsonRecord, names: readonly string[]): string | undefined {
  const fields = names.flatMap((name) => {
    const value = Object.hasOwn(record, name) ? renderValue(record[name]) : undefined;
    return value === undefined ? [] : [{ name, value }];
  });
  return fields.length > 1 ? fields.map(({ name, value }) => `${name}: ${value}`).join("\n") : fields[0]?.value;
}

/** Undefined for null, and for what JSON cannot say: functions, circular records. */
function renderValue(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value === null) return undefined;
  if (typeof value === "bigint") return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
