import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isHuggingFace, isInferenceEndpoint } from "./hosts.ts";

describe("a token of the environment may be sent to", () => {
  test.each([
    "https://huggingface.co",
    "https://router.huggingface.co/hf-inference/models/a/b",
    "https://abc.us-east-1.aws.endpoints.huggingface.cloud",
    "https://ABC.eu-west-1.aws.endpoints.huggingface.cloud/rerank",
    "https://router.huggingface.co:443/",
  ])("%s", (url) => {
    expect(isHuggingFace(new URL(url))).toBe(true);
  });
});

describe("no token of the environment may be sent to", () => {
  test.each([
    "http://router.huggingface.co",
    "http://localhost:8080",
    "https://huggingface.co.example.com",
    "https://nothuggingface.co",
    "https://router.huggingface.co.",
    "https://router.huggingface.co:8443",
    "https://huggingface.co@example.com",
    "https://user@huggingface.co",
    "https://user:secret@router.huggingface.co",
    "https://example.com/huggingface.co",
    "https://example.com?host=.huggingface.co",
    "https://example.com#.huggingface.co",
    "https://endpoints.huggingface.cloud",
    "https://evilendpoints.huggingface.cloud",
    "https://abc.huggingface.cloud",
    "https://acme.hf.space",
    "https://router.huggingface。co.example.com",
    "https://huggingfаce.co",
  ])("%s", (url) => {
    expect(isHuggingFace(new URL(url))).toBe(false);
  });

  test("any domain that is not Hugging Face's own, whatever stands before or after", () => {
    fc.assert(
      fc.property(
        fc.domain(),
        fc.constantFrom("huggingface.co", "router.huggingface.co", "a.endpoints.huggingface.cloud"),
        (domain, host) => {
          fc.pre(!domain.endsWith("huggingface.co") && !domain.endsWith("huggingface.cloud"));
          expect(isHuggingFace(new URL(`https://${host}.${domain}/`))).toBe(false);
          expect(isHuggingFace(new URL(`https://${host}@${domain}/${host}`))).toBe(false);
        },
      ),
    );
  });
});

test("only hosts under endpoints.huggingface.cloud can be woken", () => {
  expect(isInferenceEndpoint(new URL("https://abc.us-east-1.aws.endpoints.huggingface.cloud"))).toBe(true);
  expect(isInferenceEndpoint(new URL("https://router.huggingface.co"))).toBe(false);
});
