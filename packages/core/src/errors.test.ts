import { expect, it } from "vitest";

import { DheeraError } from "./errors.ts";

it("has a message and a param of at most 1,000 characters, whatever they name", () => {
  const name = "x".repeat(1_000_000);
  const error = new DheeraError("invalid_request", `model: ${name}`, { param: `provider_options.${name}` });
  expect([error.message.length, error.param?.length]).toEqual([1_000, 1_000]);
  expect(error.message).toMatch(/^model: x+…$/);
  expect(DheeraError.from(error).message).toBe(error.message);
});
