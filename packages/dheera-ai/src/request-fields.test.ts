import { requestSchema } from "@dheera-ai/core/request-schema";
import * as fc from "fast-check";
import { expect, it } from "vitest";

import { toRequestFields } from "./request-fields.ts";

it("gives each field of a request back under the API's name", () => {
  const names = fieldsOf(requestSchema);
  expect(names).toEqual(expect.arrayContaining(["top_n", "max_tokens_per_doc", "on_document_error", "timeout"]));
  const camelCase = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.anything()), (fields) => {
      const given = Object.fromEntries(Object.entries(fields).map(([name, value]) => [camelCase(name), value]));
      const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
      expect(toRequestFields(given)).toEqual(known);
    }),
  );
});

function fieldsOf(schema: object): readonly string[] {
  if (!("entries" in schema) || typeof schema.entries !== "object" || schema.entries === null)
    throw new Error("the schema of requests has no fields");
  return Object.keys(schema.entries);
}
