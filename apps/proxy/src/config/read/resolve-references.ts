import type { Path } from "./path.ts";
import { type DataRecord, isRecord } from "./record.ts";

/** Names of variables and their values. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A reference to a variable that is not set, or empty. Its key is removed from the data. */
export interface MissingVariable {
  readonly path: Path;
  readonly variable: string;
}

/** Replaces `os.environ/NAME` by the variable's value, after `adopt` has converted it. */
export function resolveReferences(
  data: DataRecord,
  environment: Environment,
  adopt: (value: string, path: Path) => string = (value) => value,
): { readonly data: DataRecord; readonly missing: readonly MissingVariable[] } {
  const missing: MissingVariable[] = [];

  const resolve = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item: unknown, index) => resolve(item, [...path, index]));
    if (isRecord(value)) return resolveEntries(value, path);
    const variable = variableOf(value);
    if (variable === undefined) return value;
    const found = environment[variable];
    if (found) return adopt(found, path);
    missing.push({ path, variable });
    return undefined;
  };
  const resolveEntries = (record: DataRecord, path: Path): DataRecord => {
    const entries = Object.entries(record).map(([key, value]) => [key, resolve(value, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  };
  return { data: resolveEntries(data, []), missing };
}

const prefix = "os.environ/";

function variableOf(value: unknown): string | undefined {
  return typeof value === "string" && value.startsWith(prefix) ? value.slice(prefix.length) : undefined;
}
