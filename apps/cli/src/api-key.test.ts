import { expect, it } from "vitest";

import { apiKeyOf } from "./api-key.ts";

const environment = { DHEERA_AI_API_KEY: "sk-proxy" };
const api_base = "http://127.0.0.1:4000";

it("prefers the key of the command line", () => {
  expect(apiKeyOf({ api_base, api_key: "sk-own" }, environment)).toBe("sk-own");
});

it.each(["bge", "dheera_ai/bge", ""])(
  "sends the proxy's key with the model %j to the address that is given",
  (model) => {
    expect(apiKeyOf({ model, api_base }, environment)).toBe("sk-proxy");
  },
);

it.each(["huggingface/BAAI/bge-reranker-base", "cohere/rerank-v3.5"])("sends it to no provider: %s", (model) => {
  expect(apiKeyOf({ model, api_base }, environment)).toBeUndefined();
});

it("sends it to no address that was not given", () => {
  expect(apiKeyOf({ model: "bge" }, environment)).toBeUndefined();
  expect(apiKeyOf({ model: "dheera_ai/bge" }, environment)).toBeUndefined();
});

it("takes an empty variable for none", () => {
  expect(apiKeyOf({ model: "bge", api_base }, { DHEERA_AI_API_KEY: "" })).toBeUndefined();
});
