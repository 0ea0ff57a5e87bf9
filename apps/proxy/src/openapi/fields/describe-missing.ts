import type { JsonSchema } from "@valibot/to-json-schema";

export type Descriptions = Readonly<Record<string, string>>;

/**
 * Gives each field that says nothing of itself what one of its alternatives says, which is not null, and else the description of its
 * name: one name means one thing in all bodies and answers, but for those that are listed as `Schema.field`.
 */
export function describeMissing(schema: JsonSchema, schemaName: string, descriptions: Descriptions): JsonSchema {
  const within = (inner: JsonSchema): JsonSchema => describeMissing(inner, schemaName, descriptions);
  const { properties, items, additionalProperties, anyOf } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [
          name,
          typeof property === "object"
            ? withDescription(within(property), descriptions[`${schemaName}.${name}`] ?? descriptions[name])
            : property,
        ]),
      ),
    }),
    ...(typeof items === "object" && !Array.isArray(items) && { items: within(items) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: within(additionalProperties) }),
    ...(anyOf && { anyOf: anyOf.map((one) => (typeof one === "object" ? within(one) : one)) }),
  };
}

function withDescription(property: JsonSchema, named: string | undefined): JsonSchema {
  const inner = property.anyOf?.map((one) => (typeof one === "object" ? one.description : undefined));
  const description = inner?.find((one) => one !== undefined) ?? named;
  if (description === undefined || property.description !== undefined || property.$ref !== undefined) return property;
  return { ...property, description };
}
