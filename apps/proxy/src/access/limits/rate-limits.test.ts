import type { Limits, Owner, OwnerKind } from "@dheera-ai/teams";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import type { GeneralSettings, KeySettings } from "../../config/config.ts";
import { parseConfig } from "../../config/parse-config.ts";
import { type Caller, callerOfKey, masterCaller } from "../caller.ts";
import { MemoryRateCounter } from "./memory-rate-counter.ts";
import type { RateCounter } from "./rate-counter.ts";
import { createRateLimits } from "./rate-limits.ts";

describe("rate limits", () => {
  it("count requests and documents of each key by itself, and report what is left", async () => {
    const limits = createRateLimits(settings("{}"), new MemoryRateCounter());
    const key = caller("a", { rpm: 2, dpm: 100 });
    expect(await limits.countRequest(key)).toEqual({
      headers: {
        "x-ratelimit-limit-requests": "2",
        "x-ratelimit-remaining-requests": "1",
        "x-ratelimit-reset-requests": "60",
      },
    });
    expect(await limits.countDocuments(key, 30)).toEqual({
      headers: {
        "x-ratelimit-limit-documents": "100",
        "x-ratelimit-remaining-documents": "70",
        "x-ratelimit-reset-documents": "60",
      },
    });
    const other = await limits.countRequest(caller("b", { rpm: 2 }));
    expect(other?.headers["x-ratelimit-remaining-requests"]).toBe("1");
  });

  it("refuse documents beyond the limit with the time to wait, and do not count them", async () => {
    const limits = createRateLimits(settings("{}"), new MemoryRateCounter());
    const key = caller("a", { rpm: 3, dpm: 100 });
    await limits.countDocuments(key, 90);
    const { refusal, headers } = (await limits.countDocuments(key, 20)) ?? {};
    expect(refusal).toMatchObject({ code: "rate_limited", status: 429 });
    expect(refusal?.retryAfter).toBeGreaterThan(0);
    expect(refusal?.message).toMatch(/^the 100 documents a minute of the key a are used up; try again in \d+ s$/);
    expect(headers).toMatchObject({ "x-ratelimit-remaining-documents": "10" });
    expect((await limits.countDocuments(key, 10))?.refusal).toBeUndefined();
  });

  it("take nothing from the key where the proxy's own limit is used up", async () => {
    const counter = new MemoryRateCounter();
    const limits = createRateLimits(settings("{ dpm: 50 }"), counter);
    await limits.countDocuments(caller("a", { dpm: 100 }), 40);
    expect((await limits.countDocuments(caller("b", { dpm: 100 }), 40))?.refusal?.message).toContain("of this proxy");
    expect(counter.known("documents:key b")).toBeUndefined();
  });

  it("apply the limits of the proxy to all callers together, the master key included", async () => {
    const limits = createRateLimits(settings("{ rpm: 2 }"), new MemoryRateCounter());
    expect((await limits.countRequest(masterCaller))?.refusal).toBeUndefined();
    expect((await limits.countRequest(caller("a", {})))?.refusal).toBeUndefined();
    expect((await limits.countRequest(masterCaller))?.refusal?.message).toContain(
      "the 2 requests a minute of this proxy are used up",
    );
  });

  it("report the tighter of two limits", async () => {
    const limits = createRateLimits(settings("{ rpm: 10 }"), new MemoryRateCounter());
    expect((await limits.countRequest(caller("a", { rpm: 3 })))?.headers).toMatchObject({
      "x-ratelimit-limit-requests": "3",
    });
    expect((await limits.countRequest(caller("b", { rpm: 30 })))?.headers).toMatchObject({
      "x-ratelimit-limit-requests": "10",
    });
  });

  it("count each owner of a key by itself, over all of its keys, and refuse what one of them has used up", async () => {
    const limits = createRateLimits(settings("{}"), new MemoryRateCounter());
    const team = owner("team", "research", { rpm: 3, dpm: 50 });
    const [first, second] = [callerOfKey(keyOf("a", { rpm: 2 }), [team]), callerOfKey(keyOf("b", {}), [team])];
    for (const one of [first, first, second]) expect((await limits.countRequest(one))?.refusal).toBeUndefined();
    expect((await limits.countRequest(second))?.refusal?.message).toContain(
      "the 3 requests a minute of the team research are used up",
    );
    expect((await limits.countDocuments(first, 40))?.refusal).toBeUndefined();
    expect((await limits.countDocuments(second, 20))?.refusal?.message).toContain("of the team research");
    expect(() => limits.countDocuments(second, 51)).toThrow("more than the 50 a minute of the team research");
  });

  it("count estimated tokens, and correct them by what the answer says", async () => {
    const limits = createRateLimits(settings("{}"), new MemoryRateCounter());
    const key = caller("a", { tpm: 100 });
    const first = await limits.countTokens(key, () => 30);
    expect(first?.headers["x-ratelimit-remaining-tokens"]).toBe("70");
    first?.settle(10);
    const second = await limits.countTokens(key, () => 20);
    expect(second?.headers["x-ratelimit-remaining-tokens"]).toBe("70");
    // More than was left: the answer is given, and the next request waits.
    second?.settle(200);
    expect((await limits.countTokens(key, () => 1))?.refusal).toMatchObject({
      code: "rate_limited",
      message: expect.stringContaining("the 100 tokens a minute of the key a are used up"),
    });
  });

  it("give no tokens back to a minute that is over", async () => {
    let now = 0;
    const counter = new MemoryRateCounter(() => now);
    const limits = createRateLimits(settings("{}"), counter);
    const key = caller("a", { tpm: 100 });
    const old = await limits.countTokens(key, () => 90);
    now = 60_001;
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_001);
    onTestFinished(() => void vi.restoreAllMocks());
    await limits.countTokens(key, () => 40);
    old?.settle(0);
    expect(counter.known(`tokens:key a`)?.used).toBe(40);
  });

  it("let a request of more tokens than a minute has begin one of its own", async () => {
    const limits = createRateLimits(settings("{}"), new MemoryRateCounter());
    const key = caller("a", { tpm: 100 });
    expect((await limits.countTokens(key, () => 5_000))?.refusal).toBeUndefined();
    expect((await limits.countTokens(key, () => 1))?.refusal?.code).toBe("rate_limited");
  });

  it("ask for no estimate where no owner has a limit of tokens", () => {
    const limits = createRateLimits(settings("{ rpm: 10, dpm: 10 }"), broken);
    const estimate = (): number => expect.fail("nobody needs it");
    expect(limits.countTokens(caller("a", { rpm: 1 }), estimate)).toBeUndefined();
  });

  it("refuse at once documents that can never fit", () => {
    const limits = createRateLimits(settings("{}"), new MemoryRateCounter());
    expect(() => limits.countDocuments(caller("a", { dpm: 10 }), 11)).toThrow(
      expect.objectContaining({ code: "invalid_request", param: "documents" }),
    );
  });

  it("send no headers where there are none", () => {
    const limits = createRateLimits(settings("{}"), broken);
    expect(limits.countRequest(caller("a", {}))).toBeUndefined();
    expect(limits.countDocuments(caller("a", {}), 10_000)).toBeUndefined();
  });

  it("refuse when nothing can be counted", async () => {
    const limits = createRateLimits(settings("{ rpm: 10 }"), broken);
    await expect(limits.countRequest(caller("a", {}))).rejects.toMatchObject({ code: "rate_limited", retryAfter: 5 });
  });
});

const broken: RateCounter = {
  type: "redis",
  take: () => Promise.reject(new Error("no connection")),
};

function settings(text: string): GeneralSettings {
  const config = `model_list: [{ model_name: bge, dheera_ai_params: { model: bm25/default } }]\ngeneral_settings: ${text}`;
  return parseConfig(config, { file: "config.yaml", environment: {} }).config.general_settings;
}

function caller(name: string, limits: Partial<KeySettings>): Caller {
  return callerOfKey(keyOf(name, limits));
}

function keyOf(name: string, limits: Partial<KeySettings>): KeySettings {
  return { name, key: `sha256:${name}`, ...limits };
}

function owner(kind: OwnerKind, name: string, limits: Limits): Owner {
  return { kind, id: `${name}-id`, name, limits };
}
