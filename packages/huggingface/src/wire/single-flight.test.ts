import { describe, expect, test } from "vitest";

import { shareWork } from "./single-flight.ts";

describe("shared work", () => {
  test("runs once for all who wait, and anew for who comes later", async () => {
    let runs = 0;
    const share = shareWork(async () => ++runs);
    const { signal } = new AbortController();
    expect(await Promise.all([share(signal), share(signal)])).toEqual([1, 1]);
    expect(await share(signal)).toBe(2);
  });

  test("ends for who gives up, and goes on for the others", async () => {
    const work = Promise.withResolvers<string>();
    let cancelled = false;
    const share = shareWork((signal) => {
      signal.addEventListener("abort", () => (cancelled = true));
      return work.promise;
    });
    const controller = new AbortController();
    const leaving = share(controller.signal);
    const staying = share(new AbortController().signal);
    controller.abort(new Error("gone"));
    await expect(leaving).rejects.toThrow("gone");
    expect(cancelled).toBe(false);
    work.resolve("done");
    expect(await staying).toBe("done");
  });

  test("is cancelled when the last one gives up, and begins anew", async () => {
    const signals: AbortSignal[] = [];
    const share = shareWork((signal) => {
      signals.push(signal);
      return new Promise<never>(() => {});
    });
    const controller = new AbortController();
    const leaving = share(controller.signal);
    controller.abort(new Error("gone"));
    await expect(leaving).rejects.toThrow("gone");
    expect(signals[0]?.aborted).toBe(true);
    const again = new AbortController();
    const later = share(again.signal);
    expect(signals).toHaveLength(2);
    again.abort(new Error("gone"));
    await expect(later).rejects.toThrow("gone");
  });

  test("does not begin for who gave up before", async () => {
    let runs = 0;
    const share = shareWork(async () => ++runs);
    await expect(share(AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(runs).toBe(0);
  });

  test("fails for all who wait, and is tried again by who comes later", async () => {
    let runs = 0;
    const share = shareWork(async () => {
      if (++runs === 1) throw new Error("no luck");
      return runs;
    });
    const { signal } = new AbortController();
    await Promise.all([
      expect(share(signal)).rejects.toThrow("no luck"),
      expect(share(signal)).rejects.toThrow("no luck"),
    ]);
    expect(await share(signal)).toBe(2);
  });
});
