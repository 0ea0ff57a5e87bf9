import type { JsonSchema } from "@valibot/to-json-schema";

import { typeOf } from "../../src/pages/docs/schema-fields.ts";
import { cell, code, table } from "../markdown.ts";
import { type Shapes, nameOf } from "./shapes.ts";

/** A named schema with its fields. */
export function renderShape(name: string, shapes: Shapes, file: string): readonly string[] {
  return [`<a id="${name}"></a>`, "", `### ${name}`, "", ...renderFields(shapes.schemas[name] ?? {}, shapes, file)];
}

function* renderFields(schema: JsonSchema, shapes: Shapes, file: string): Iterable<string> {
  for (const [index, alternative] of (schema.anyOf?.map(single) ?? [schema]).entries()) {
    if (index > 0) yield* ["Or:", ""];
    const rows = [...rowsOf(alternative, "", shapes, file, new Map())];
    if (rows.length === 0) yield* [`${typeText(alternative, shapes, file)}.`, ""];
    else {
      if (isList(alternative)) yield* ["A list; each of it has:", ""];
      yield* table(["field", "type", "meaning"], rows);
      yield "";
    }
  }
}

/**
 * Objects without a name are described where they stand, each once; a list at the top stands for its items.
 * @param seen where in this table the same object was described before
 */
function* rowsOf(
  schema: JsonSchema,
  prefix: string,
  shapes: Shapes,
  file: string,
  seen: Map<string, string>,
): Iterable<readonly string[]> {
  const { properties = {}, required = [], items, additionalProperties, anyOf = [] } = schema;
  for (const [key, value] of Object.entries(properties)) {
    const property = single(value);
    const name = prefix === "" ? key : `${prefix}.${key}`;
    const before = seenBefore(property, name, seen);
    const type = `${cell(typeText(property, shapes, file))}${required.includes(key) ? "" : ", optional"}`;
    const further = before === undefined ? [] : [`Its fields are those of ${code(before)}.`];
    yield [code(name), type, cell([property.description ?? "", ...further].join(" ").trim())];
    if (before === undefined) yield* rowsOf(property, name, shapes, file, seen);
  }
  for (const one of anyOf) yield* rowsOf(single(one), prefix, shapes, file, seen);
  if (items !== undefined) yield* rowsOf(single(items), prefix === "" ? "" : `${prefix}[]`, shapes, file, seen);
  if (additionalProperties !== undefined)
    yield* rowsOf(single(additionalProperties), `${prefix}.<name>`, shapes, file, seen);
}

/** The name of a field that holds the same object, or a list of the same. */
function seenBefore(property: JsonSchema, name: string, seen: Map<string, string>): string | undefined {
  const { description: _, ...content } = property;
  const { properties } = property.items === undefined ? property : single(property.items);
  if (properties === undefined) return undefined;
  const text = JSON.stringify(content);
  const before = seen.get(text);
  if (before === undefined) seen.set(text, name);
  return before;
}

/** A schema in words, with links to those that have names. */
export function typeText(schema: JsonSchema, shapes: Shapes, file: string): string {
  const name = nameOf(schema);
  if (name !== undefined) return shapes.link(name, file);
  const { anyOf, items, additionalProperties } = schema;
  if (anyOf) return [...new Set(anyOf.map((one) => typeText(single(one), shapes, file)))].join(" or ");
  if (isList(schema)) return items === undefined ? "list" : `list of ${typeText(single(items), shapes, file)}`;
  if (typeof additionalProperties === "object" && Object.keys(additionalProperties).length > 0)
    return `map of ${typeText(additionalProperties, shapes, file)}`;
  return typeOf(schema, {});
}

function isList({ type }: JsonSchema): boolean {
  return type === "array";
}

function single(schema: JsonSchema["items"]): JsonSchema {
  return typeof schema === "object" && !Array.isArray(schema) ? schema : {};
}
