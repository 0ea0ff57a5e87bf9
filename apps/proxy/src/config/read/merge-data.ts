import { type DataRecord, isRecord } from "./record.ts";

/** One map of several: lists are joined in order, maps are merged key by key, and of anything else the first wins. */
export function mergeData(parts: readonly DataRecord[]): DataRecord {
  return parts.reduce(mergeTwo, {});
}

function mergeTwo(first: DataRecord, second: DataRecord): DataRecord {
  const merged = Object.entries(second).map(([key, value]) => [
    key,
    Object.hasOwn(first, key) ? mergeValues(first[key], value) : value,
  ]);
  return { ...first, ...Object.fromEntries(merged) };
}

function mergeValues(first: unknown, second: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second];
  if (isRecord(first) && isRecord(second)) return mergeTwo(first, second);
  return first;
}
