import { APICallError, rerank, type Telemetry } from "ai";
import { createDheera, DheeraError, type ErrorCode, type ErrorDetails, type Provider } from "dheera-ai";
import { describe, expect, it } from "vitest";

import { createDheeraAI } from "./index.ts";

const failures: readonly { code: ErrorCode; details?: ErrorDetails; asked: number; status: number | undefined }[] = [
  { code: "provider_failed", asked: 1, status: 502 },
  { code: "provider_unreachable", details: { upstream: { address: "http://a.test/b" } }, asked: 1, status: undefined },
  { code: "provider_auth", details: { upstream: { status: 401 } }, asked: 1, status: 401 },
  { code: "provider_rejected", details: { upstream: { status: 400 } }, asked: 1, status: 400 },
  { code: "timeout", asked: 1, status: 504 },
  { code: "internal", asked: 1, status: 500 },
  { code: "provider_overloaded", details: { retryAfter: 0.01 }, asked: 3, status: 503 },
  { code: "provider_rate_limited", details: { retryAfter: 0, upstream: { status: 429 } }, asked: 3, status: 429 },
  { code: "provider_overloaded", details: { retryAfter: 60 }, asked: 1, status: 503 },
  { code: "rate_limited", details: { retryAfter: 0, permanent: true }, asked: 1, status: 429 },
  { code: "budget_exceeded", details: { retryAfter: 0 }, asked: 1, status: 429 },
];

describe("a failure of the library", () => {
  it.each(failures)(
    "$code with $details is asked $asked times by the SDK",
    async ({ code, details, asked, status }) => {
      const failure = new DheeraError(code, "it failed", details);
      const { calls, error } = await ask(failure);
      expect(calls).toBe(asked);
      const last: unknown = asked === 1 ? error : Reflect.get(Object(error), "lastError");
      if (!APICallError.isInstance(last)) throw last;
      expect(last).toMatchObject({
        message: "it failed",
        statusCode: status,
        url: details?.upstream?.address ?? "",
        isRetryable: asked > 1,
        data: { code },
        requestBodyValues: { model: "m" },
      });
      expect(last.cause).toBe(failure);
    },
  );

  it("that is none of its own is passed on as it is", async () => {
    const failure = new RangeError("a defect");
    expect(await ask(failure)).toEqual({ calls: 1, error: failure });
  });

  it("of a provider is what the library makes of it", async () => {
    const broken: Provider = {
      name: "broken",
      connect: () => {
        throw new DheeraError("provider_auth", "broken needs a key");
      },
    };
    const instance = createDheera({ providers: [broken] });
    const asked = rerank({ model: createDheeraAI({ dheera: instance })("broken/m"), query: "q", documents: ["d"] });
    await expect(asked).rejects.toMatchObject({
      name: "AI_APICallError",
      statusCode: 502,
      message: "broken needs a key",
    });
  });
});

/** What `rerank` makes of a library that fails, and how often it asked. */
async function ask(failure: Error): Promise<{ calls: number; error: unknown }> {
  let calls = 0;
  const count: Telemetry = { onRerankStart: () => void calls++ };
  const model = createDheeraAI({ dheera: { rerank: () => Promise.reject(failure) } })("m");
  const telemetry = { integrations: [count] };
  const error: unknown = await rerank({ model, query: "q", documents: ["d"], telemetry }).catch((thrown) => thrown);
  return { calls, error };
}
