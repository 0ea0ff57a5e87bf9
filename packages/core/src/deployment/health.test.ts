import { describe, expect, it } from "vitest";

import { Health } from "./health.ts";

const settings = { allowedFails: 3, cooldownTime: 5, disabled: false };

function failedTimes(times: number, health = new Health(settings)): Health {
  for (let fail = 0; fail < times; fail++) health.failed("provider_failed", 0, 1_000);
  return health;
}

describe("Health", () => {
  it("forgives as many failures as allowed, then cools down", () => {
    const health = failedTimes(3);
    expect(health.isOpen(1_000)).toBe(true);
    expect(health.failed("provider_failed", 0, 1_000)).toBe(5);
    expect(health.isOpen(1_001)).toBe(false);
  });

  it("forgets failures after a minute", () => {
    expect(failedTimes(3).failed("provider_failed", 0, 62_000)).toBe(0);
  });

  it("lets one call probe after the cooldown, and the others wait for it", () => {
    const health = failedTimes(4);
    expect(health.isOpen(6_001)).toBe(true);
    health.began(6_001);
    expect(health.isOpen(6_002)).toBe(false);
    expect(health.succeeded()).toBe(true);
    expect(health.isOpen(6_003)).toBe(true);
  });

  it("cools down again when the probe fails", () => {
    const health = failedTimes(4);
    health.began(6_001);
    expect(health.failed("provider_unreachable", 0, 6_001)).toBe(5);
    expect(health.isOpen(11_000)).toBe(false);
  });

  it("does not keep waiting for a probe that was cancelled", () => {
    const health = failedTimes(4);
    health.began(6_001);
    health.ended();
    expect(health.isOpen(6_002)).toBe(true);
  });

  it("cools down at once, for as long as asked, when the server limits our rate", () => {
    const health = new Health(settings);
    expect(health.failed("provider_rate_limited", 30, 1_000)).toBe(30);
    expect(health.coolingFor(1_000)).toBe(30_000);
  });

  it("is not hurt by overload, starts and refused documents", () => {
    const health = new Health(settings);
    for (const code of ["provider_overloaded", "provider_starting", "provider_rejected"] as const)
      for (let fail = 0; fail < 10; fail++) expect(health.failed(code, 0, 1_000)).toBe(0);
    expect(health.isOpen(1_000)).toBe(true);
  });

  it("never cools down when cooldowns are disabled", () => {
    expect(failedTimes(10, new Health({ ...settings, disabled: true })).isOpen(1_000)).toBe(true);
  });
});
