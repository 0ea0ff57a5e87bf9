import { describe, expect, it } from "vitest";

import { parseOptions } from "./parse-options.ts";

describe("the parameters of a deployment", () => {
  it("have defaults: windows of 20 in steps of 10, 50 documents of 300 words, an answer of 4,096 tokens", () => {
    expect(parseOptions({}, "m")).toMatchObject({
      mode: "listwise",
      window: 20,
      step: 10,
      passes: 1,
      maxDocuments: 50,
      maxWords: 300,
      maxOutputTokens: 4_096,
      responseFormat: "auto",
      temperature: 0,
    });
    expect(parseOptions({ mode: "graded" }, "m")).toMatchObject({ window: 10 });
    expect(parseOptions({ mode: "pointwise" }, "m")).toMatchObject({ maxOutputTokens: 1 });
    expect(parseOptions({ context_window: 4_096 }, "m")).toMatchObject({ maxOutputTokens: 1_024 });
    expect(parseOptions({ window: 7 }, "m")).toMatchObject({ step: 3 });
    expect(parseOptions({ completions: true }, "Qwen/Qwen3-Reranker-4B")).toMatchObject({ mode: "pointwise" });
  });

  it.each([
    ["mode", { mode: "best" }, "mode must be one of listwise, tournament, pointwise, graded"],
    ["window", { window: 1 }, "window must be a whole number from 2 to 100"],
    ["window", { window: 101 }, "window must be a whole number from 1 to 100"],
    [
      "window",
      { mode: "pointwise", window: 5 },
      "window has no effect with mode: pointwise; it is for listwise, tournament, graded",
    ],
    [
      "step",
      { window: 10, step: 10 },
      "step must be smaller than window, which is 10: a larger one would leave documents out",
    ],
    ["step", { mode: "tournament", step: 5 }, "step has no effect with mode: tournament; it is for listwise"],
    ["passes", { passes: 0 }, "passes must be a whole number from 1 to 10"],
    ["max_documents", { max_documents: 2.5 }, "max_documents must be a whole number from 1 to 10000"],
    [
      "context_window",
      { context_window: 2_048, max_output_tokens: 2_000 },
      "context_window must leave room for a prompt of 256 tokens beside max_output_tokens, which is 2000",
    ],
    ["temperature", { temperature: "0" }, "temperature must be a number from 0 to 2"],
    [
      "reasoning_effort",
      { reasoning_effort: "much" },
      "reasoning_effort must be one of none, minimal, low, medium, high, xhigh",
    ],
    [
      "response_format",
      { response_format: "xml" },
      "response_format must be one of auto, json_schema, json_object, text",
    ],
    [
      "response_format",
      { mode: "pointwise", response_format: "text" },
      "response_format has no effect with mode: pointwise; it is for listwise, tournament, graded",
    ],
    [
      "prompt",
      { prompt: "Rank {documents}" },
      "prompt must hold {query}, where the request's texts are put with mode: listwise",
    ],
    [
      "prompt",
      { prompt: "{query} {documents} {docs}" },
      "prompt holds {docs}, which is not known; with mode: listwise there are {query}, {documents}, {instruction}, {count}",
    ],
    [
      "prompt",
      { mode: "pointwise", prompt: "{query}" },
      "prompt must hold {document}, where the request's texts are put with mode: pointwise",
    ],
    [
      "prompt",
      { completions: true },
      "prompt is needed with completions: the whole prompt of the model, with {query} and {document}",
    ],
    [
      "completions",
      { completions: true, mode: "listwise", prompt: "{query}{documents}" },
      "completions is for mode: pointwise, which asks for one word; listwise needs a chat",
    ],
    ["api_version", { api_version: "new" }, "api_version must be a version of Azure's API: 2024-10-21"],
    [
      "extra_body",
      { extra_body: { messages: [] } },
      "extra_body must not have model, messages, prompt, stream, n, logprobs, top_logprobs, response_format, which are written here",
    ],
    ["extra_body", { extra_body: 1 }, "extra_body must be an object with further fields of each request"],
  ])("that are wrong are refused by name: %s in %j", (param, given, message) => {
    expect(() => parseOptions(given, "m")).toThrow(
      expect.objectContaining({ code: "invalid_request", param, message }),
    );
  });
});
