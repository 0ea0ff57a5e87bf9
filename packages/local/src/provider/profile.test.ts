import type { Target } from "@dheera-ai/core";
import { expect, it } from "vitest";

import { parseParameters } from "./parameters.ts";
import type { PreparedModel } from "./prepare-model.ts";
import { profileOf } from "./profile.ts";

const target: Target = {
  model: "./model",
  options: {},
  http: {
    json: () => Promise.reject(new Error("nothing is asked")),
    request: () => Promise.reject(new Error("nothing is asked")),
  },
};

const model: PreparedModel = {
  description: {
    kind: "cross-encoder",
    name: "./model",
    folder: "/model",
    revision: undefined,
    tokenizer: "/model/tokenizer.json",
    weights: {
      path: "/model/model.onnx",
      file: "model.onnx",
      dtype: "fp32",
      integers: false,
      externalData: [],
      bytes: 1,
      reason: "",
    },
    tokens: 512,
    warnings: ["pooling has no effect: local/./model is a cross-encoder"],
    labels: 1,
    positive: 0,
  },
  peers: {
    runtime: "native",
    version: "1.30.0",
    modules: { onnxRuntime: "/onnxruntime.js", tokenizer: "/tokenizers.js" },
  },
  stamps: "",
  fingerprint: "local 1",
};

it("warns of what the description of the model warns of, and of an address that has no effect", () => {
  const parameters = parseParameters({});
  expect(profileOf(model, parameters, target).warnings).toEqual(model.description.warnings);
  expect(profileOf(model, parameters, { ...target, apiBase: "http://localhost:8080" }).warnings).toEqual([
    ...model.description.warnings,
    expect.stringContaining("api_base had no effect"),
  ]);
  const silent = { ...model, description: { ...model.description, warnings: [] } };
  expect(profileOf(silent, parameters, target)).not.toHaveProperty("warnings");
});
