import { inspect } from "node:util";

import { DheeraError } from "@dheera-ai/core";
import fc from "fast-check";
import { expect, it } from "vitest";

import { describeError } from "./describe-error.ts";

const secret = "Xylophone fever";

it("gives the message of a DheeraError, which is written to be shown", () => {
  const error = new DheeraError("provider_failed", "the upstream failed to answer (HTTP 500)", {
    cause: new Error(secret),
  });
  expect(describeError(error)).toMatchObject({
    code: "provider_failed",
    message: "the upstream failed to answer (HTTP 500)",
  });
});

it("gives the address that could not be reached", () => {
  const error = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:8080"), { code: "ECONNREFUSED" });
  expect(describeError(error)).toEqual({
    name: "Error",
    code: "ECONNREFUSED",
    message: "connect ECONNREFUSED 127.0.0.1:8080",
  });
});

it("gives the place where an unexpected error was thrown", () => {
  const { stack } = describeError(new TypeError("no"));
  expect(stack).toEqual(expect.arrayContaining([expect.stringContaining("describe-error.test.ts")]));
});

it.each([
  { what: "a JSON parser's error, which quotes its input", error: caught(() => JSON.parse(secret)) },
  { what: "a conversion's error, which quotes the value", error: caught(() => BigInt(secret)) },
  { what: "a TypeError, which quotes the name of a header", error: caught(() => new Headers({ [secret]: "" })) },
  {
    what: "an HTTP client's error, which carries the answer",
    error: Object.assign(new Error("HTTP 500"), { data: secret }),
  },
  { what: "an error whose message looks like frames", error: new Error(`no\n    at ${secret} (file:1:1)`) },
  { what: "an error named by a text", error: Object.assign(new Error("no"), { name: secret }) },
  { what: "a thrown text", error: secret },
  {
    what: "causes of causes",
    error: new Error("no", { cause: new DheeraError("internal", "no", { cause: new Error(secret) }) }),
  },
])("does not quote $what", ({ error }) => {
  expect(inspect(error)).toContain("Xylophone");
  expect(JSON.stringify(describeError(error))).not.toContain("Xylophone");
});

it("never gives a word of any other error's message", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(JSON.stringify(describeError(new Error(`${before}Xylophone${after}`)))).not.toContain("Xylophone");
    }),
  );
});

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("it did not throw");
}
