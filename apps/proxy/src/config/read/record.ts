import type { Path } from "./path.ts";

/** A map of unknown values. */
export type DataRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is DataRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy with this value at this path; without the key when the value is undefined. Missing steps are not created. */
export function setIn(data: DataRecord, [key, ...rest]: Path, value: unknown): DataRecord {
  if (key === undefined) return data;
  const { [key]: current, ...others } = data;
  const next = rest.length === 0 ? value : setInValue(current, rest, value);
  return next === undefined ? others : { ...others, [key]: next };
}

function setInValue(data: unknown, path: Path, value: unknown): unknown {
  if (isRecord(data)) return setIn(data, path, value);
  const [position, ...rest] = path;
  if (!Array.isArray(data)) return data;
  return data.map((item: unknown, index) => (index === position ? setInValue(item, rest, value) : item));
}

/**
 * Merges several maps into one: lists are joined in order, maps are merged key by key, and of any other values the
 * first wins.
 */
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
