import { describe, expect, it } from "vitest";

import type { GeneralSettings, KeySettings } from "../../config/config.ts";
import { parseConfig } from "../../config/parse-config.ts";
import type { Caller } from "../check-key.ts";
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
    const master: Caller = { name: "master", isMaster: true };
    expect((await limits.countRequest(master))?.refusal).toBeUndefined();
    expect((await limits.countRequest(caller("a", {})))?.refusal).toBeUndefined();
    expect((await limits.countRequest(master))?.refusal?.message).toContain(
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
  return { name, isMaster: false, key: { name, key: "sha256:", ...limits } };
}
