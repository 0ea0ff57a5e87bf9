import type { JsonSchema } from "@valibot/to-json-schema";
import { expect, it } from "vitest";

import { openapiDocument } from "../openapi-document.ts";
import { describeMissing } from "./describe-missing.ts";
import { limitFields } from "./limit-fields.ts";
import { managementFields } from "./management-fields.ts";
import { serverFields } from "./server-fields.ts";
import { spendFields } from "./spend-fields.ts";

const { schemas } = openapiDocument().components;
const fields = Object.entries(schemas).flatMap(([name, schema]) =>
  [...fieldsOf(schema)].map(([field, property]) => ({ name, field, property })),
);

it("is described, whatever body or answer it is in", () => {
  const bare = fields.filter(({ property }) => property.description === undefined && property.$ref === undefined);
  expect(bare.map(({ name, field }) => `${name}.${field}`)).toEqual([]);
});

it.each(Object.entries({ serverFields, limitFields, spendFields, managementFields }))(
  "shows each description of the table %s somewhere",
  (_, table) => {
    const shown = new Set(
      fields.flatMap(({ name, field, property: { description } }) => [
        `${field}: ${description}`,
        `${name}.${field}: ${description}`,
      ]),
    );
    const said = Object.entries(table).map(([name, description]) => `${name}: ${description}`);
    expect(said.filter((text) => !shown.has(text))).toEqual([]);
  },
);

it("keeps what it says itself, then what one of its alternatives says, before its name's description", () => {
  const schema: JsonSchema = {
    type: "object",
    properties: {
      own: { type: "string", description: "Own." },
      named: { anyOf: [{ type: "string" }, { type: "null" }] },
      inner: { anyOf: [{ type: "string", description: "Inner." }, { type: "null" }] },
      here: { type: "array", items: { type: "object", properties: { deep: { type: "string" } } } },
    },
  };
  const described = describeMissing(schema, "Body", {
    own: "Name's.",
    named: "Name's.",
    inner: "Name's.",
    deep: "Everywhere else.",
    "Body.deep": "Here.",
  });
  const texts = Object.fromEntries([...fieldsOf(described)].map(([name, { description }]) => [name, description]));
  expect(texts).toEqual({ own: "Own.", named: "Name's.", inner: "Inner.", here: undefined, deep: "Here." });
});

function* fieldsOf(schema: JsonSchema | boolean | undefined): Iterable<readonly [string, JsonSchema]> {
  if (typeof schema !== "object") return;
  const { properties = {}, items, additionalProperties, anyOf = [] } = schema;
  for (const [name, property] of Object.entries(properties)) {
    if (typeof property === "object") yield [name, property];
    yield* fieldsOf(property);
  }
  for (const inner of [Array.isArray(items) ? undefined : items, additionalProperties, ...anyOf])
    yield* fieldsOf(inner);
}
