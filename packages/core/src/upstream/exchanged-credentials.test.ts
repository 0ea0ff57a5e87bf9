import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { DheeraError } from "../errors.ts";
import { settle } from "../fixtures/scripted-provider.ts";
import { closedAddress, type Reply, withServer } from "../contract-suite/scripted-server.ts";
import { HttpError } from "./http-error.ts";
import { createHttp } from "./http.ts";
import { type CredentialsOptions, type ExchangedCredentials, exchangedCredentials } from "./exchanged-credentials.ts";

const { signal } = new AbortController();

describe("exchanged credentials", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("are asked for once, however many requests wait and although some give up", async () => {
    const { credentials, exchanges, release } = held();
    const impatient = new AbortController();
    const first = credentials.get(impatient.signal);
    const others = [credentials.get(signal), credentials.get(signal)];
    impatient.abort(new Error("went away"));
    await expect(first).rejects.toThrow("went away");
    release("token", 60);
    expect(await Promise.all(others)).toEqual(["token", "token"]);
    expect(await credentials.get(signal)).toBe("token");
    expect(exchanges()).toBe(1);
  });

  it("are asked for in the background before they end, while the old ones still serve", async () => {
    const { credentials, exchanges, release } = held({ refreshBefore: 10 });
    release("one", 100);
    expect(await credentials.get(signal)).toBe("one");
    vi.setSystemTime(Date.now() + 89_000);
    expect(await credentials.get(signal)).toBe("one");
    expect(exchanges()).toBe(1);
    vi.setSystemTime(Date.now() + 2_000);
    expect(await credentials.get(signal)).toBe("one");
    expect(exchanges()).toBe(2);
    release("two", 100);
    await expect.poll(() => credentials.get(signal)).toBe("two");
  });

  it("are never used after their end, whatever the exchange does", async () => {
    const { credentials, release, fail } = held({ refreshBefore: 10 });
    release("one", 100);
    await credentials.get(signal);
    vi.setSystemTime(Date.now() + 95_000);
    expect(await credentials.get(signal)).toBe("one");
    fail(new DheeraError("provider_failed", "no"));
    await settle();
    vi.setSystemTime(Date.now() + 5_000);
    const next = credentials.get(signal);
    release("two", 100);
    expect(await next).toBe("two");
  });

  it("end when the answer says, given as a time or as seconds", async () => {
    let exchanges = 0;
    const credentials = exchangedCredentials({
      provider: "acme",
      exchange: async () => ({ value: ++exchanges, expiresAt: new Date(Date.now() + 60_000) }),
    });
    expect(await credentials.get(signal)).toBe(1);
    vi.setSystemTime(Date.now() + 60_000);
    expect(await credentials.get(signal)).toBe(2);
  });

  it("are asked for again after the API refused them, but not when newer ones are there", async () => {
    const { credentials, exchanges, release } = held();
    release("one");
    expect(await credentials.get(signal)).toBe("one");
    credentials.invalidate("one");
    release("two");
    expect(await credentials.get(signal)).toBe("two");
    credentials.invalidate("one");
    expect(await credentials.get(signal)).toBe("two");
    expect(exchanges()).toBe(2);
  });

  it("are exchanged once more for a call that the API answers with 401, and for no other", async () => {
    let exchanges = 0;
    const credentials = exchangedCredentials({ provider: "acme", exchange: async () => ({ value: ++exchanges }) });
    const refuse = (status: number): HttpError => new HttpError({ status, headers: new Headers(), body: "" });
    const asked: number[] = [];
    const answer = await credentials.use(signal, async (value) => {
      asked.push(value);
      if (value === 1) throw refuse(401);
      return "scores";
    });
    expect({ answer, asked }).toEqual({ answer: "scores", asked: [1, 2] });

    for (const error of [refuse(403), new DheeraError("provider_auth", "no", { upstream: { status: 403 } })])
      await expect(credentials.use(signal, () => Promise.reject(error))).rejects.toBe(error);
    expect(exchanges).toBe(2);

    const last = new DheeraError("provider_auth", "no", { upstream: { status: 401 } });
    await expect(credentials.use(signal, () => Promise.reject(last))).rejects.toBe(last);
    expect(exchanges).toBe(3);
  });

  it("are asked for again after an exchange that failed", async () => {
    const { credentials, release, fail } = held();
    fail(new DheeraError("provider_failed", "no"));
    await expect(credentials.get(signal)).rejects.toMatchObject({ code: "provider_failed" });
    release("token");
    expect(await credentials.get(signal)).toBe("token");
  });

  it("are not waited for after close", async () => {
    const credentials = exchangedCredentials<string>({
      provider: "acme",
      exchange: (ends) => new Promise((_, reject) => ends.addEventListener("abort", () => reject(ends.reason))),
    });
    const waiting = credentials.get(signal);
    credentials.close();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
  });

  it("hold whenever they are given out, and are asked for no more often than their life allows", async () => {
    const life = fc.integer({ min: 1, max: 1_000 });
    const steps = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(life, fc.option(fc.integer({ min: 0, max: 900 })), steps, async (seconds, before, pauses) => {
        let exchanges = 0;
        const start = Date.now();
        const credentials = exchangedCredentials({
          provider: "acme",
          exchange: async () => ({
            value: { until: Date.now() + seconds * 1000, number: ++exchanges },
            expiresIn: seconds,
          }),
          ...(before !== null && { refreshBefore: before }),
        });
        for (const pause of pauses) {
          vi.setSystemTime(Date.now() + pause);
          expect((await credentials.get(signal)).until).toBeGreaterThan(Date.now());
          await settle();
        }
        expect(exchanges).toBeLessThanOrEqual(1 + (Date.now() - start) / (seconds * 1000 * 0.8) + 1);
      }),
    );
  });
});

describe("a refused exchange", () => {
  it.each([400, 401, 402, 403, 404, 405, 413, 422])(
    "is provider_auth at status %i, and quotes nothing",
    async (status) => {
      const failure = await exchangeWith({ status, body: { error: "key sk-secret is wrong" } });
      expect(failure).toMatchObject({
        code: "provider_auth",
        provider: "acme",
        message: expect.stringContaining("api_key"),
      });
      expect(failure.message).not.toContain("sk-secret");
    },
  );

  it.each([
    { status: 429, code: "provider_rate_limited" },
    { status: 500, code: "provider_failed" },
    { status: 503, code: "provider_failed" },
  ])("is $code at status $status, with Retry-After", async ({ status, code }) => {
    const failure = await exchangeWith({ status, headers: { "retry-after": "7" }, body: {} });
    expect(failure).toMatchObject({ code, retryAfter: 7 });
  });

  it("is provider_auth when the provider itself calls it rejected", async () => {
    const credentials = exchangedCredentials({
      provider: "acme",
      exchange: async () => {
        throw new DheeraError("provider_rejected", "no");
      },
    });
    await expect(credentials.get(signal)).rejects.toMatchObject({ code: "provider_auth" });
  });

  it("is provider_unreachable when nothing listens or the connection breaks", async () => {
    expect(await failureAt(closedAddress)).toMatchObject({
      code: "provider_unreachable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
    expect(await exchangeWith({ fault: "reset" })).toMatchObject({ code: "provider_unreachable" });
  });

  it("is provider_bad_response when it gave nothing that can be used", async () => {
    const credentials = exchangedCredentials({
      provider: "acme",
      exchange: async () => ({ value: "token", expiresIn: Number.NaN }),
    });
    await expect(credentials.get(signal)).rejects.toMatchObject({ code: "provider_bad_response" });
  });

  it("is a defect when the provider has a programming error", async () => {
    const credentials = exchangedCredentials({
      provider: "acme",
      exchange: async () => {
        throw new TypeError("no");
      },
    });
    await expect(credentials.get(signal)).rejects.toMatchObject({ code: "provider_failed", defect: true });
  });
});

/** Exchanges that a test answers one after the other, beforehand or afterwards. */
function held(options: Partial<CredentialsOptions<string>> = {}): {
  readonly credentials: ExchangedCredentials<string>;
  exchanges(): number;
  release(value: string, expiresIn?: number): void;
  fail(error: Error): void;
} {
  let exchanges = 0;
  const answers = Array.from({ length: 5 }, () => Promise.withResolvers<{ value: string; expiresIn?: number }>());
  let answered = 0;
  for (const { promise } of answers) promise.catch(() => {});
  const credentials = exchangedCredentials({
    provider: "acme",
    exchange: () => answers[exchanges++]?.promise ?? Promise.reject(new Error("too many exchanges")),
    ...options,
  });
  return {
    credentials,
    exchanges: () => exchanges,
    release: (value, expiresIn) =>
      answers[answered++]?.resolve({ value, ...(expiresIn !== undefined && { expiresIn }) }),
    fail: (error) => answers[answered++]?.reject(error),
  };
}

function exchangeWith(reply: Reply): Promise<DheeraError> {
  return withServer(
    () => reply,
    ({ url }) => failureAt(url),
  );
}

async function failureAt(url: string): Promise<DheeraError> {
  const http = createHttp();
  const credentials = exchangedCredentials({
    provider: "acme",
    exchange: async (ends) => ({
      value: await http.json(`${url}/token`, { method: "POST", body: { key: "sk-secret" }, signal: ends }),
    }),
  });
  const failure: unknown = await credentials.get(signal).catch((error: unknown) => error);
  if (failure instanceof DheeraError) return failure;
  throw new Error("this should have ended with a DheeraError", { cause: failure });
}
