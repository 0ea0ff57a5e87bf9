import { describe, expect, it } from "vitest";

import type { GeneralSettings, KeySettings } from "../../config/config.ts";
import { parseConfig } from "../../config/parse-config.ts";
import type { Caller } from "../check-key.ts";
import { type RateCounter, memoryRateCounter } from "./rate-counter.ts";
import { createRateLimits } from "./rate-limits.ts";

describe("rate limits", () => {
  it("count requests and documents of each key by itself, and report what is left", async () => {
    const limits = createRateLimits(settings("{}"), memoryRateCounter());
    expect(await limits.spend(caller("a", { rpm: 2, dpm: 100 }), 30)).toEqual({
      headers: {
        "x-ratelimit-limit-requests": "2",
        "x-ratelimit-remaining-requests": "1",
        "x-ratelimit-reset-requests": expect.stringMatching(/^\d+$/),
        "x-ratelimit-limit-documents": "100",
        "x-ratelimit-remaining-documents": "70",
        "x-ratelimit-reset-documents": expect.stringMatching(/^\d+$/),
      },
    });
    expect((await limits.spend(caller("b", { rpm: 2 }), 30))?.headers["x-ratelimit-remaining-requests"]).toBe("1");
  });

  it("refuse a request beyond the limit with the time to wait, and do not count it", async () => {
    const limits = createRateLimits(settings("{}"), memoryRateCounter());
    const key = caller("a", { rpm: 3, dpm: 100 });
    await limits.spend(key, 90);
    const { refusal, headers } = (await limits.spend(key, 20)) ?? {};
    expect(refusal).toMatchObject({ code: "rate_limited", status: 429 });
    expect(refusal?.retryAfter).toBeGreaterThan(0);
    expect(refusal?.message).toMatch(/^the 100 documents a minute of the key a are used up; try again in \d+ s$/);
    expect(headers).toMatchObject({ "x-ratelimit-remaining-documents": "10", "x-ratelimit-remaining-requests": "2" });
    expect((await limits.spend(key, 10))?.refusal).toBeUndefined();
  });

  it("apply the limits of the proxy to all callers together, the master key included", async () => {
    const limits = createRateLimits(settings("{ rpm: 2 }"), memoryRateCounter());
    const master: Caller = { name: "master", isMaster: true };
    expect((await limits.spend(master, 1))?.refusal).toBeUndefined();
    expect((await limits.spend(caller("a", {}), 1))?.refusal).toBeUndefined();
    expect((await limits.spend(master, 1))?.refusal?.message).toContain(
      "the 2 requests a minute of this proxy are used up",
    );
  });

  it("report the tighter of two limits", async () => {
    const limits = createRateLimits(settings("{ rpm: 10 }"), memoryRateCounter());
    expect((await limits.spend(caller("a", { rpm: 3 }), 1))?.headers).toMatchObject({
      "x-ratelimit-limit-requests": "3",
    });
    expect((await limits.spend(caller("b", { rpm: 30 }), 1))?.headers).toMatchObject({
      "x-ratelimit-limit-requests": "10",
    });
  });

  it("refuse at once a request that can never fit", async () => {
    const limits = createRateLimits(settings("{}"), memoryRateCounter());
    await expect(limits.spend(caller("a", { dpm: 10 }), 11)).rejects.toMatchObject({
      code: "invalid_request",
      param: "documents",
    });
  });

  it("send no headers where there are none", async () => {
    const limits = createRateLimits(settings("{}"), broken);
    expect(limits.spend(caller("a", {}), 10_000)).toBeUndefined();
  });

  it("refuse when nothing can be counted", async () => {
    const limits = createRateLimits(settings("{ rpm: 10 }"), broken);
    await expect(limits.spend(caller("a", {}), 1)).rejects.toMatchObject({ code: "rate_limited", retryAfter: 5 });
  });
});

const broken: RateCounter = {
  type: "redis",
  add: () => Promise.reject(new Error("no connection")),
  giveBack: () => {},
};

function settings(text: string): GeneralSettings {
  const config = `model_list: [{ model_name: bge, dheera_ai_params: { model: bm25/default } }]\ngeneral_settings: ${text}`;
  return parseConfig(config, { file: "config.yaml", environment: {} }).config.general_settings;
}

function caller(name: string, limits: Partial<KeySettings>): Caller {
  return { name, isMaster: false, key: { name, key: "sha256:", ...limits } };
}
