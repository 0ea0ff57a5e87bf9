import { expect, test } from "vitest";

import { connect } from "./testing/connect.ts";

test.each([
  {
    options: { server: "tie" },
    param: "server",
    message: "server must be one of tei, toolkit, vllm, infinity, llama.cpp, sglang, xinference, localai",
  },
  { options: { server: 1 }, param: "server", message: "server must be one of" },
  { options: { bill_to: 7 }, param: "bill_to", message: "bill_to must be the name of an organisation" },
  { options: { bill_to: "a\nb" }, param: "bill_to", message: "bill_to must be the name of an organisation" },
  {
    options: { prompt_template: "qwen" },
    param: "prompt_template",
    message: "prompt_template must be one of server, qwen3-reranker",
  },
  {
    options: { prompt_template: { query: "{query}", document: "no place" } },
    param: "prompt_template",
    message: "with {query} and {document} in them",
  },
  {
    options: { prompt_template: { query: "{query}", document: "{document}{document}" } },
    param: "prompt_template",
    message: "with {query} and {document} in them",
  },
])("$options is refused by the name of its key", ({ options, param, message }) => {
  expect(() => connect({ apiBase: "http://localhost:1", options })).toThrow(
    expect.objectContaining({ code: "invalid_request", param, message: expect.stringContaining(message) }),
  );
});

test("keys of other gateways are ignored", () => {
  expect(() => connect({ options: { drop_params: true, tags: ["a"], input_cost_per_query: 0.002 } })).not.toThrow();
});
