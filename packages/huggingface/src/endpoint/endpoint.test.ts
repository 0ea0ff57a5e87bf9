import { describe, expect, test } from "vitest";

import { resolvePlace } from "./endpoint.ts";
import { connect } from "../testing/connect.ts";

const model = "BAAI/bge-reranker-base";

describe("the place", () => {
  test.each([
    { apiBase: "http://given:1", environment: { HF_API_BASE: "http://one:1" }, expected: "http://given:1/" },
    { environment: { HF_API_BASE: "http://one:1", HUGGINGFACE_API_BASE: "http://two:1" }, expected: "http://one:1/" },
    { environment: { HF_API_BASE: "", HUGGINGFACE_API_BASE: "http://two:1/" }, expected: "http://two:1/" },
    { environment: { HF_ENDPOINT: "http://hub:1" }, expected: "https://router.huggingface.co/hf-inference" },
  ])("is $expected", ({ apiBase, environment, expected }) => {
    expect(resolvePlace({ apiBase, model }, environment, {}).url.href).toBe(expected);
  });

  test.each([
    { apiBase: "https://router.huggingface.co/hf-inference", kind: "serverless" },
    { apiBase: "https://abc.us-east-1.aws.endpoints.huggingface.cloud", kind: "endpoint" },
    { apiBase: "http://localhost:8080", kind: "server" },
    { apiBase: "http://router.huggingface.co", kind: "server" },
  ])("$apiBase is a $kind", ({ apiBase, kind }) => {
    expect(resolvePlace({ apiBase, model }, {}, {}).kind).toBe(kind);
  });

  test.each(["localhost:8080", "ftp://localhost", "not a url", "//localhost"])("cannot be %s", (apiBase) => {
    expect(() => connect({ apiBase })).toThrow("api_base must be a URL that begins with http:// or https://");
  });

  test("named by the environment is refused by its name there", () => {
    expect(() => connect({ environment: { HF_API_BASE: "nonsense" } })).toThrow("HF_API_BASE must be a URL");
  });

  test("cannot hold a key in its address, which is not quoted", () => {
    expect(() => connect({ apiBase: "https://user:secret@localhost" })).toThrow(
      /^api_base holds a user name or password; give the key as api_key instead$/,
    );
  });

  test("must suit the options", () => {
    expect(() => connect({ apiBase: "http://localhost:1", options: { bill_to: "acme" } })).toThrow(
      "bill_to has a meaning for serverless calls only",
    );
    expect(() => connect({ options: { server: "tei" } })).toThrow("server says what runs at api_base; there is none");
  });
});
