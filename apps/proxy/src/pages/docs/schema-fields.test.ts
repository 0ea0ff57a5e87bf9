import type { JsonSchema } from "@valibot/to-json-schema";
import { describe, expect, it } from "vitest";

import { fieldsOf, typeOf } from "./schema-fields.ts";

describe("fieldsOf", () => {
  it("lists the fields of objects in lists, in references and in alternatives to null, by their whole names", () => {
    const score: JsonSchema = { type: "object", properties: { index: { type: "integer" } }, required: ["index"] };
    const fields = fieldsOf(
      {
        type: "object",
        properties: {
          results: { type: "array", items: { $ref: "#/components/schemas/Score" }, description: "Best first." },
          cache: {
            anyOf: [{ type: "object", properties: { ttl: { type: "number", exclusiveMinimum: 0 } } }, { type: "null" }],
          },
        },
        required: ["results"],
      },
      { Score: score },
    );
    expect(fields).toEqual([
      { name: "results", type: "list of object", isRequired: true, description: "Best first." },
      { name: "results[].index", type: "integer", isRequired: true, description: "" },
      { name: "cache", type: "object", isRequired: false, description: "" },
      { name: "cache.ttl", type: "number, more than 0", isRequired: false, description: "" },
    ]);
  });

  it("lists the fields of an object that holds others of its kind once", () => {
    const stage: JsonSchema = {
      type: "object",
      properties: {
        model: { type: "string" },
        stages: { type: "array", items: { $ref: "#/components/schemas/Stage" } },
      },
    };
    const names = fieldsOf({ $ref: "#/components/schemas/Stage" }, { Stage: stage }).map(({ name }) => name);
    expect(names).toEqual(["model", "stages"]);
  });
});

describe("typeOf", () => {
  it.each<[JsonSchema, string]>([
    [{ type: "integer", minimum: 1 }, "integer, at least 1"],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string"],
    [{ enum: ["left", "right"] }, '"left", "right"'],
    [{ anyOf: [{ type: "boolean" }, { enum: ["true", "false"] }] }, "boolean or its text"],
    [{ const: "list" }, '"list"'],
    [{}, "anything"],
  ])("says %j in words", (schema, words) => {
    expect(typeOf(schema, {})).toBe(words);
  });
});
