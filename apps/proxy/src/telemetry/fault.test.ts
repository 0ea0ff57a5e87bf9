import { errorCodes } from "@dheera-ai/core";
import { expect, it } from "vitest";

import { faultOf } from "./fault.ts";

it("goes by the code and ignores the status", () => {
  expect(faultOf("provider_overloaded", 503)).toBe("upstream");
  expect(faultOf("internal", 500)).toBe("us");
  expect(faultOf("rate_limited", 429)).toBe("caller");
});

it("goes by the status where there is no code", () => {
  expect(faultOf(undefined, 404)).toBe("caller");
  expect(faultOf(undefined, 500)).toBe("us");
});

it("attributes no error to the upstream whose code is about the caller or the proxy", () => {
  const blamed = errorCodes.filter((code) => faultOf(code, 500) === "upstream");
  expect(blamed.filter((code) => !code.startsWith("provider_"))).toEqual(["timeout"]);
});
