import { describe, expect, it } from "vitest";

import { DheeraError } from "./errors.ts";

it("has a message and a param of at most 1,000 characters, whatever they name", () => {
  const name = "x".repeat(1_000_000);
  const error = new DheeraError("invalid_request", `model: ${name}`, { param: `provider_options.${name}` });
  expect([error.message.length, error.param?.length]).toEqual([1_000, 1_000]);
  expect(error.message).toMatch(/^model: x+…$/);
  expect(DheeraError.from(error).message).toBe(error.message);
});

describe("retryAfter", () => {
  it.each([
    [7, 7],
    [0, 0],
    [99_999_999, 3_600],
    [Number.POSITIVE_INFINITY, 3_600],
    [-1, 0],
    [Number.NaN, undefined],
    [undefined, undefined],
  ])("of %s is %s for callers, whatever an upstream says", (said, told) => {
    expect(
      new DheeraError("provider_rate_limited", "wait", said === undefined ? {} : { retryAfter: said }).retryAfter,
    ).toBe(told);
  });
});
