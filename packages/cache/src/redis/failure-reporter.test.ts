import { describe, expect, it } from "vitest";

import { failureReporter } from "./failure-reporter.ts";
import { redisSettings } from "./redis-settings.ts";

const settings = redisSettings({ host: "cache.internal", password: "secret" });

describe("failureReporter", () => {
  it("reports the first failure of each minute", async () => {
    let now = 0;
    const reported: string[] = [];
    const report = failureReporter(
      settings,
      ({ message }) => reported.push(message),
      () => now,
    );
    report(new Error("first"));
    now = 59_999;
    report(new Error("too soon"));
    now = 60_000;
    report(new Error("second"));
    report(new Error("too soon again"));
    await Promise.resolve();
    expect(reported).toEqual([
      expect.stringContaining("Redis at cache.internal:6379 (first)"),
      expect.stringContaining("Redis at cache.internal:6379 (second)"),
    ]);
  });

  it.each([
    { reason: new DOMException("timed out", "TimeoutError"), says: "no answer in time" },
    { reason: Object.assign(new Error("1 failed"), { replies: ["OK", new Error("OOM")] }), says: "(OOM)" },
    { reason: Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }), says: "(ECONNREFUSED)" },
    { reason: undefined, says: "(no reason given)" },
  ])("says $says", async ({ reason, says }) => {
    const reported: Error[] = [];
    failureReporter(settings, (error) => reported.push(error))(reason);
    await Promise.resolve();
    expect(reported).toEqual([expect.objectContaining({ message: expect.stringContaining(says), cause: reason })]);
  });
});
