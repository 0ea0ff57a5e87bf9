import { expect, it } from "vitest";

import { officialModels } from "./describe-models.ts";

const namesWith = (environment: Readonly<Record<string, string>>): readonly string[] =>
  officialModels(environment).map(({ name }) => name);

it("lists the models of providers whose key is there, and one that needs none", () => {
  expect(namesWith({})).toEqual(["bm25/default"]);
  expect(namesWith({ COHERE_API_KEY: "k" })).toContain("cohere/rerank-v3.5");
});

it("says how to name a model of a provider that has none of its own names", () => {
  const any = officialModels({ HF_TOKEN: "k" }).find(({ name }) => name === "huggingface/…");
  expect(any?.description).toBe(
    "any model of Hugging Face: write its name in place of …, as in huggingface/BAAI/bge-reranker-base",
  );
});

it("does not list a provider of which nobody has said where it is", () => {
  expect(namesWith({ XINFERENCE_API_KEY: "k" })).toEqual(["bm25/default"]);
  expect(namesWith({ XINFERENCE_API_KEY: "k", XINFERENCE_API_BASE: "http://localhost:9997" })).toContain(
    "xinference/…",
  );
});
