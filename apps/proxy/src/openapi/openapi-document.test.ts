import type { JsonSchema } from "@valibot/to-json-schema";
import { expect, it } from "vitest";

import { answerSchemas } from "./management/answer-schemas.ts";
import { openapiDocument } from "./openapi-document.ts";

it("is made of every schema that checks a request, also of those that JSON Schema cannot say in one word", () => {
  const { components, paths } = openapiDocument();
  expect(components.schemas["RerankRequest"]?.properties).toHaveProperty("documents");
  expect(components.schemas["TeiRequest"]?.properties).toHaveProperty("texts");
  expect(Object.keys(paths)).toContain("/rerank");
});

it("foresees in every answer of management that fields and parameters without effect are named", () => {
  const { components } = openapiDocument();
  const without = Object.keys(answerSchemas).filter((name) =>
    alternatives(components.schemas[name]).some(
      ({ type, properties = {} }) => type === "object" && !("warnings" in properties),
    ),
  );
  expect(without).toEqual([]);
});

function alternatives(schema: JsonSchema = {}): readonly JsonSchema[] {
  const inner = schema.anyOf?.filter((one) => typeof one === "object") ?? [];
  return [schema, ...inner];
}
