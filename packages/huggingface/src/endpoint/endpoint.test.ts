import { describe, expect, test } from "vitest";

import { connect } from "../testing/connect.ts";
import { resolveEndpoint } from "./endpoint.ts";

const model = "BAAI/bge-reranker-base";

describe("the endpoint", () => {
  test.each([
    { apiBase: "http://given:1", environment: { HF_API_BASE: "http://one:1" }, expected: "http://given:1/" },
    { environment: { HF_API_BASE: "http://one:1", HUGGINGFACE_API_BASE: "http://two:1" }, expected: "http://one:1/" },
    { environment: { HF_API_BASE: "", HUGGINGFACE_API_BASE: "http://two:1/" }, expected: "http://two:1/" },
    { environment: { HF_ENDPOINT: "http://hub:1" }, expected: "https://router.huggingface.co/hf-inference" },
  ])("is $expected", ({ apiBase, environment, expected }) => {
    expect(resolveEndpoint({ apiBase, model }, environment, {}).url.href).toBe(expected);
  });

  test.each([
    { apiBase: "https://router.huggingface.co/hf-inference", kind: "serverless" },
    { apiBase: "https://abc.us-east-1.aws.endpoints.huggingface.cloud", kind: "dedicated" },
    { apiBase: "http://localhost:8080", kind: "server" },
    { apiBase: "http://router.huggingface.co", kind: "server" },
  ])("$apiBase is a $kind", ({ apiBase, kind }) => {
    expect(resolveEndpoint({ apiBase, model }, {}, {}).kind).toBe(kind);
  });

  test.each(["localhost:8080", "ftp://localhost", "not a url", "//localhost"])("cannot be %s", (apiBase) => {
    expect(() => connect({ apiBase })).toThrow("api_base must be a URL that begins with http:// or https://");
  });

  test("of an environment variable is refused by the name of the variable", () => {
    expect(() => connect({ environment: { HF_API_BASE: "nonsense" } })).toThrow("HF_API_BASE must be a URL");
  });

  test("cannot hold a key in its address, and the error does not quote it", () => {
    expect(() => connect({ apiBase: "https://user:secret@localhost" })).toThrow(
      /^api_base holds a user name or password; give the key as api_key instead$/,
    );
  });

  test("refuses options that have no meaning for it", () => {
    expect(() => connect({ apiBase: "http://localhost:1", options: { bill_to: "acme" } })).toThrow(
      "bill_to has a meaning for serverless calls only",
    );
    expect(() => connect({ options: { server: "tei" } })).toThrow("server says what runs at api_base; there is none");
  });
});
