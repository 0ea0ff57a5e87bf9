import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { applyTemplate, chosenTemplate, neededTemplate } from "./templates.ts";

const { signal } = new AbortController();

describe("a prompt template", () => {
  test("keeps every query and document whole, whatever they contain", () => {
    const template = { query: "<q>{query}</q>", document: "<d>{document}</d>" };
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (query, documents) => {
        expect(applyTemplate(template, { query, documents, params: {}, providerOptions: {}, signal })).toMatchObject({
          query: `<q>${query}</q>`,
          documents: documents.map((document) => `<d>${document}</d>`),
        });
      }),
    );
  });

  test("does not replace placeholders that are part of the query", () => {
    const template = { query: "{instruction}|{query}", document: "{document}", instruction: "{query}" };
    expect(
      applyTemplate(template, {
        query: "{instruction}",
        documents: ["{document}"],
        params: {},
        providerOptions: {},
        signal,
      }),
    ).toMatchObject({
      query: "{query}|{instruction}",
      documents: ["{document}"],
    });
  });

  test("uses the model's own instruction where the caller gives none", () => {
    const template = chosenTemplate("qwen3-reranker");
    expect(
      template && applyTemplate(template, { query: "q", documents: [], params: {}, providerOptions: {}, signal }).query,
    ).toContain("<Instruct>: Given a web search query, retrieve relevant passages that answer the query\n<Query>: q\n");
  });
});

test.each([
  ["Qwen/Qwen3-Reranker-8B", "qwen3-reranker"],
  ["tomaarsen/Qwen3-Reranker-0.6B-seq-cls", "qwen3-reranker"],
  ["mixedbread-ai/mxbai-rerank-large-v2", "mxbai-rerank-v2"],
  ["nvidia/llama-nemotron-rerank-1b-v2", "nemotron-rerank"],
  ["mixedbread-ai/mxbai-rerank-base-v1", undefined],
  ["BAAI/bge-reranker-base", undefined],
])("%s needs the template %s", (model, template) => {
  expect(neededTemplate([model])).toBe(template);
});
