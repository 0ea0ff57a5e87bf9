import { describe, expect, it } from "vitest";

import { isSigned } from "./verify-signature.ts";

/** Amazon's published test suite for Signature Version 4. */
const signer = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
  service: "service",
};
const examples = [
  {
    name: "get-vanilla",
    method: "GET",
    path: "/",
    headers: {},
    text: "",
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  },
  {
    name: "post-vanilla",
    method: "POST",
    path: "/",
    headers: {},
    text: "",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  {
    name: "get-vanilla-query-order-key-case",
    method: "GET",
    path: "/?Param2=value2&Param1=value1",
    headers: {},
    text: "",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  {
    name: "post-x-www-form-urlencoded",
    method: "POST",
    path: "/",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    text: "Param1=value1",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
] as const;

describe("the check of signatures", () => {
  it.each(examples)("takes Amazon's example $name, and nothing that differs from it", (example) => {
    const { signature, headers, ...request } = example;
    const sent = { host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z", ...headers };
    const names = Object.keys(sent).sort().join(";");
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`;
    const arrived = { ...request, headers: { ...sent, authorization }, body: {} };
    expect(isSigned(arrived, signer)).toBe(true);
    expect(isSigned({ ...arrived, text: `${arrived.text} ` }, signer)).toBe(false);
    expect(isSigned({ ...arrived, path: "/other" }, signer)).toBe(false);
    expect(isSigned(arrived, { ...signer, secretAccessKey: "another" })).toBe(false);
    expect(isSigned(arrived, { ...signer, region: "us-west-2" })).toBe(false);
  });
});
