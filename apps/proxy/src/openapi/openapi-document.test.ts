import { expect, it } from "vitest";

import { openapiDocument } from "./openapi-document.ts";

it("is made of every schema that checks a request, also of those that JSON Schema cannot say in one word", () => {
  const { components, paths } = openapiDocument();
  expect(components.schemas["RerankRequest"]?.properties).toHaveProperty("documents");
  expect(components.schemas["TeiRequest"]?.properties).toHaveProperty("texts");
  expect(Object.keys(paths)).toContain("/rerank");
});
