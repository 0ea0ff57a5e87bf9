import { describe, expect, it } from "vitest";

import { parameterNames, parseParameters } from "./parameters.ts";

describe("the parameters of a local model", () => {
  it("have defaults", () => {
    expect(parseParameters({ tags: ["other"] })).toEqual({
      instances: 1,
      warm: false,
      idle_timeout: 300,
      vector_cache_mb: 16,
    });
  });

  it("never let a warm model sleep, unless they say when", () => {
    expect(parseParameters({ warm: true })).toMatchObject({ idle_timeout: "never" });
    expect(parseParameters({ warm: true, idle_timeout: 60 })).toMatchObject({ idle_timeout: 60 });
  });

  it("may all be given", () => {
    const all = {
      dtype: "int8",
      file: "onnx/model.onnx",
      threads: 2,
      instances: 2,
      warm: false,
      idle_timeout: "never",
      memory_limit_mb: 500,
      vector_cache_mb: 0,
      max_length: 256,
      runtime: "wasm",
      pooling: "cls",
      query_prompt: "query: ",
      document_prompt: "",
      positive_label: "entailment",
    };
    expect(parseParameters(all)).toEqual(all);
    expect(Object.keys(all)).toEqual(parameterNames);
  });

  it.each([
    [{ dtype: "int3" }, "dtype must be one of fp32, fp16"],
    [{ file: "" }, "file must be a path within the model's folder"],
    [{ threads: 0 }, "threads must be a whole number from 1 to 1024"],
    [{ threads: 1.5 }, "threads must be a whole number from 1 to 1024"],
    [{ instances: 65 }, "instances must be a whole number from 1 to 64"],
    [{ warm: "yes" }, "warm must be true or false"],
    [{ idle_timeout: 0 }, "idle_timeout must be a number of seconds above 0, or never"],
    [{ idle_timeout: "always" }, "idle_timeout must be a number of seconds above 0, or never"],
    [{ idle_timeout: -1 }, "idle_timeout must be a number of seconds above 0, or never"],
    [{ memory_limit_mb: 0 }, "memory_limit_mb must be a number of megabytes above 0"],
    [{ vector_cache_mb: -1 }, "vector_cache_mb must be a whole number from 0 to 100000"],
    [{ max_length: 7 }, "max_length must be a whole number from 8 to 1000000"],
    [{ runtime: "cuda" }, "runtime must be one of native, wasm"],
    [{ pooling: "sum" }, "pooling must be one of mean, cls, max, last-token"],
    [{ query_prompt: 1 }, "query_prompt must be a text"],
    [{ document_prompt: null }, "document_prompt must be a text"],
    [{ positive_label: true }, "positive_label must be the name or the number of a label"],
  ])("are refused by name: %j", (options, message) => {
    expect(() => parseParameters(options)).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        param: Object.keys(options)[0],
        message: expect.stringContaining(message),
      }),
    );
  });
});
