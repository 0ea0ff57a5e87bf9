import { DheeraError } from "@dheera-ai/core";
import { expect, it } from "vitest";

import { errorCodeOf } from "./error-code-of.ts";

it("takes the code that a provider gave", () => {
  expect(errorCodeOf(new DheeraError("provider_starting", "the model is loading"), "huggingface")).toBe(
    "provider_starting",
  );
});

it("counts a call that was cancelled because another failed as cancelled", () => {
  expect(errorCodeOf(new DheeraError("provider_failed", "no", { deployment: "another" }), "huggingface")).toBe(
    "cancelled",
  );
});

it("counts a call that was cancelled because its hedge was faster as cancelled", () => {
  expect(errorCodeOf(new DOMException("another call was faster", "AbortError"), "huggingface")).toBe("cancelled");
});

it("knows a timeout", () => {
  expect(errorCodeOf(new DOMException("too late", "TimeoutError"), "huggingface")).toBe("timeout");
});

it("reads a refused connection as core does", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
  expect(errorCodeOf(refused, "huggingface")).toBe("provider_unreachable");
});
