/** A field of JSON as rows name it, `meta.billed_units`, in its parts. */
export type FieldPath = readonly string[];

export function fieldPath(name: string): FieldPath {
  return name.split(".");
}

/** The value there; undefined where there is none. */
export function readField(value: unknown, path: FieldPath): unknown {
  let inner = value;
  for (const name of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, name)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[name];
  }
  return inner;
}

/** JSON that is being written. */
export interface WritableFields {
  [name: string]: unknown;
}

/** Puts a value there, with the objects that lead to it. */
export function writeField(body: WritableFields, path: FieldPath, value: unknown): void {
  let inner = body;
  for (const name of path.slice(0, -1)) {
    const next = inner[name];
    inner = isFields(next) ? next : (inner[name] = {});
  }
  const last = path.at(-1);
  if (last !== undefined) inner[last] = value;
}

function isFields(value: unknown): value is WritableFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
