import type { Path } from "./path.ts";
import { type DataRecord, isRecord } from "./record.ts";

/** A copy with this value at this path; without the key when the value is undefined. Steps that are not there are not made. */
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
