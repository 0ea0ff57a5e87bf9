import * as fc from "fast-check";

/** The part of JSON Schema that the description of the API uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minProperties?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** By name, as references name them. */
export type Schemas = Readonly<Record<string, Schema>>;

/** Values that a schema allows. Its references are looked up in `schemas`. */
export function valuesOf(schema: Schema, schemas: Schemas): fc.Arbitrary<unknown> {
  const { $ref } = schema;
  if ($ref !== undefined) {
    const found = schemas[$ref.slice($ref.lastIndexOf("/") + 1)];
    if (!found) throw new Error(`the description has no schema for ${$ref}`);
    return valuesOf(found, schemas);
  }
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((choice) => valuesOf(choice, schemas)));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (schema.type) {
    case "string":
      return strings(schema);
    case "integer":
      return fc.integer({ min: schema.minimum ?? -1_000_000, max: 1_000_000_000 });
    case "number":
      return numbers(schema);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valuesOf(schema.items ?? {}, schemas), {
        minLength: schema.minItems ?? 0,
        maxLength: (schema.minItems ?? 0) + 8,
      });
    case "object":
      return objects(schema, schemas);
    case undefined:
      return fc.jsonValue({ maxDepth: 2 });
    default:
      throw new Error(`values of the type ${schema.type} cannot be made`);
  }
}

function strings({ minLength = 0, pattern, format }: Schema): fc.Arbitrary<string> {
  if (format === "uri") return fc.webUrl();
  const any = fc.oneof(
    fc.string({ minLength, unit: "grapheme" }),
    fc.lorem().filter(({ length }) => length >= minLength),
  );
  if (pattern === undefined) return any;
  const expression = new RegExp(pattern, "u");
  return fc.oneof(any, numerals, words, times, visible).filter((text) => expression.test(text));
}

/** What patterns ask for, which random texts are next to never. */
const numerals = fc
  .oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0.01, max: 1000, noNaN: true }))
  .map(String);
const words = fc.constantFrom("true", "false", "True", "NONE", "START", "END", "left", "Right");

const times = fc
  .tuple(fc.integer({ min: 1, max: 999_999 }), fc.constantFrom("s", "m", "h", "d", "w", "mo"))
  .map(([count, unit]) => `${count}${unit}`);
const visible = fc.string({ unit: fc.constantFrom(..."azAZ09-_.~"), minLength: 16, maxLength: 40 });

function numbers({ minimum, exclusiveMinimum }: Schema): fc.Arbitrary<number> {
  const min = exclusiveMinimum ?? minimum;
  return fc.double({
    noNaN: true,
    noDefaultInfinity: true,
    ...(min !== undefined && { min, minExcluded: exclusiveMinimum !== undefined }),
  });
}

function objects(
  { properties = {}, required = [], minProperties = 0 }: Schema,
  schemas: Schemas,
): fc.Arbitrary<object> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, valuesOf(property, schemas)]),
  );
  const isFree = Object.keys(fields).length === 0;
  const unknown = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }), {
    minKeys: isFree ? minProperties : 0,
    maxKeys: 4,
  });
  return fc
    .tuple(
      isFree ? unknown : fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, unknown),
      fc.record(fields, { requiredKeys: [...required] }),
    )
    .map((parts) => merge(parts));
}

/** The same value with one value in it replaced, removed or added to: mostly what the schema does not allow. */
export function mutationsOf(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== "object" || value === null) return fc.jsonValue({ maxDepth: 3 });
  const entries = Object.entries(value);
  if (entries.length === 0) return fc.jsonValue();
  return fc.constantFrom(...entries).chain(([name, inner]) => {
    if (Array.isArray(value)) return mutationsOf(inner).map((changed) => value.with(Number(name), changed));
    const rest = Object.fromEntries(entries.filter(([other]) => other !== name));
    return fc.oneof(
      fc.constant(rest),
      mutationsOf(inner).map((changed) => merge([rest, { [name]: changed }])),
      fc.tuple(meanNames, fc.jsonValue()).map(([added, extra]) => merge([value, { [added]: extra }])),
    );
  });
}

/** Names that programs stumble over, and those with which a request could choose its upstream. */
const meanNames = fc.constantFrom("__proto__", "constructor", "toString", "api_base", "extra_headers");

function merge(parts: readonly object[]): object {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
}
