import type { JsonSchema } from "@valibot/to-json-schema";
import { expect, it } from "vitest";

import { answerSchemas } from "./management/answer-schemas.ts";
import { openapiDocument } from "./openapi-document.ts";
import { everyKey, whoMay } from "./who-may.ts";

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

it("has a name for each schema", () => {
  const names = Object.keys(openapiDocument().components.schemas);
  expect(names.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
  expect(names).toContain("RerankStage");
});

it("requires the model of a ranking everywhere but where a key may stand for it", () => {
  const { components, paths } = openapiDocument();
  expect(components.schemas["RerankRequest"]?.required).toEqual(["query", "documents"]);
  const bodies = ["/rerank", "/v1/rerank", "/v2/rerank"].map((path) => {
    const { anyOf, required } = paths[path]?.post?.requestBody?.content["application/json"]?.schema ?? {};
    return anyOf ? "RerankRequest or TeiRequest" : required;
  });
  expect(bodies).toEqual(["RerankRequest or TeiRequest", ["model"], ["model"]]);
});

it("says who may where a key is not what decides it", () => {
  const { paths } = openapiDocument();
  const who = (path: string): string | undefined => {
    const operation = paths[path]?.get ?? paths[path]?.post;
    return operation && whoMay(operation);
  };
  expect(who("/v1/files/{file_id}/download")).toBe("Whoever has the link.");
  expect(who("/health/readiness")).toBe("Everybody, without a key.");
  expect(who("/v1/check-api-key")).toBe(everyKey);
  const ofPages = ["/v1/models", "/model/info", "/v1/models/{model}", "/model_group/info", "/info"];
  expect(ofPages.map((path) => who(path)?.includes("signed in to a page"))).toEqual([true, true, false, false, false]);
});

function alternatives(schema: JsonSchema = {}): readonly JsonSchema[] {
  const inner = schema.anyOf?.filter((one) => typeof one === "object") ?? [];
  return [schema, ...inner];
}
