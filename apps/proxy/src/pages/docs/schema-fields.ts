import type { JsonSchema } from "@valibot/to-json-schema";

/** One field of an object, as a row of a table. */
export interface Field {
  /** With the names of its parents: `results[].index`. */
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
}

/** By name, as references name them. */
export type Schemas = Readonly<Record<string, JsonSchema>>;

/**
 * The fields of a schema and of the objects in it, depth first; of one that holds itself, as a stage has stages, once.
 * @param within the schemas that lead to this one
 */
export function fieldsOf(
  schema: JsonSchema,
  schemas: Schemas,
  prefix = "",
  within: readonly JsonSchema[] = [],
): readonly Field[] {
  const resolved = resolve(schema, schemas);
  if (within.includes(resolved)) return [];
  const path = [...within, resolved];
  if (resolved.type === "array") return fieldsOf(asSchema(resolved.items), schemas, `${prefix}[]`, path);
  const fields: Field[] = [];
  for (const [key, value] of Object.entries(resolved.properties ?? {})) {
    const property = resolve(asSchema(value), schemas);
    const name = prefix === "" ? key : `${prefix}.${key}`;
    const isRequired = resolved.required?.includes(key) ?? false;
    fields.push({ name, type: typeOf(property, schemas), isRequired, description: property.description ?? "" });
    for (const alternative of alternativesOf(property)) fields.push(...fieldsOf(alternative, schemas, name, path));
  }
  return fields;
}

/** A schema in words: `integer, at least 1`. Null is left out, because it means the same as absent. */
export function typeOf(schema: JsonSchema, schemas: Schemas): string {
  const resolved = resolve(schema, schemas);
  if (resolved.anyOf) {
    const types = alternativesOf(resolved).map((alternative) => typeOf(alternative, schemas));
    return [...new Set(types)].join(" or ");
  }
  if (resolved.enum?.every(isBooleanText)) return "its text";
  if (resolved.enum) return resolved.enum.map((value) => JSON.stringify(value)).join(", ");
  if (resolved.const !== undefined) return JSON.stringify(resolved.const);
  if (resolved.type === "array") return `list of ${typeOf(asSchema(resolved.items), schemas)}`;
  return [String(resolved.type ?? "anything"), ...boundsOf(resolved)].join(", ");
}

/** Every flag also takes its texts, because some clients send booleans as texts. */
function isBooleanText(value: unknown): boolean {
  return typeof value === "string" && /^(true|false)$/i.test(value);
}

function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  const alternatives = schema.anyOf?.map(asSchema) ?? [schema];
  const others = alternatives.filter(({ type }) => type !== "null");
  return others.length > 0 ? others : alternatives;
}

function boundsOf({
  minimum,
  exclusiveMinimum,
  maximum,
  minLength,
  maxLength,
  pattern,
}: JsonSchema): readonly string[] {
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`more than ${exclusiveMinimum}`]),
    // Numbers that are safe to count with need no words.
    ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? [] : [`at most ${maximum}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(minLength !== undefined || pattern === "\\S" ? ["not empty"] : []),
  ];
}

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const name = schema.$ref?.slice(schema.$ref.lastIndexOf("/") + 1);
  return name === undefined ? schema : (schemas[name] ?? {});
}

function asSchema(schema: JsonSchema["items"]): JsonSchema {
  return typeof schema === "object" && !Array.isArray(schema) ? schema : {};
}
