import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { DheeraError } from "../errors.ts";
import { HttpError } from "./http-error.ts";
import { upstreamError } from "./upstream-error.ts";

const secret = "a-document-text";

describe("a programming error of a provider", () => {
  it.each([
    { what: "TypeError", error: caught(() => Reflect.get(Object(undefined).missing, "field")) },
    { what: "TypeError", error: caught(() => Buffer.from(Object(1))) },
    { what: "RangeError", error: caught(() => "x".repeat(-1)) },
    { what: "ReferenceError", error: new ReferenceError(`${secret} is not defined`) },
    { what: "AssertionError", error: caught(() => assert.equal(secret, 1)) },
    { what: "Error", error: new Error(secret) },
    { what: "Error", error: caught(() => readFileSync("/no/such/file")) },
    { what: "Error", error: Object.assign(new Error(secret), { name: secret }) },
    { what: "a thrown string", error: secret },
  ])("is told as one: $what", ({ what, error }) => {
    const failure = upstreamError(error, "acme");
    expect(failure).toMatchObject({
      code: "provider_failed",
      defect: true,
      cause: error,
      message: `the provider acme has a programming error (${what}); its stack is in the log`,
    });
    expect(failure.message).not.toContain(secret);
  });

  it("stays one in a copy", () => {
    expect(DheeraError.from(upstreamError(new TypeError("no"), "acme"), { deployment: "one" })).toMatchObject({
      defect: true,
      deployment: "one",
    });
  });
});

describe("a connection that failed", () => {
  it.each([
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EPIPE",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "UND_ERR_SOCKET",
    "UND_ERR_CONNECT_TIMEOUT",
    "CERT_HAS_EXPIRED",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ConnectionRefused",
  ])("is provider_unreachable, and names the reason: %s", (code) => {
    const reason = Object.assign(new Error("no"), { code });
    for (const error of [reason, new TypeError("fetch failed", { cause: reason }), new HttpError(undefined, reason)]) {
      const failure = upstreamError(error, "acme");
      expect(failure).toMatchObject({ code: "provider_unreachable", defect: false });
      expect(failure.message).toContain(code);
    }
  });

  it("is provider_unreachable where no reason is known", () => {
    const fetchFailed = new TypeError("fetch failed", { cause: new Error("bad port") });
    expect(upstreamError(fetchFailed, "acme")).toMatchObject({ code: "provider_unreachable" });
    expect(upstreamError(new HttpError(undefined, new Error("Network connection lost.")), "acme")).toMatchObject({
      code: "provider_unreachable",
      message: expect.stringContaining("no connection"),
    });
  });
});

it("reads an HttpError of another installed copy", () => {
  const foreign = Object.defineProperty(
    Object.assign(new Error("HTTP 429"), { status: 429, body: {}, headers: new Headers({ "retry-after": "7" }) }),
    Symbol.for("dheera-ai.http-error"),
    { value: true },
  );
  expect(upstreamError(foreign, "acme")).toMatchObject({ code: "provider_rate_limited", retryAfter: 7 });
});

it("takes a provider's own timeout for no programming error", () => {
  const failure = upstreamError(new DOMException("too late", "TimeoutError"), "acme");
  expect(failure).toMatchObject({ code: "provider_failed", defect: false });
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("it did not throw");
}
