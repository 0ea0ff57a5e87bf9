import { describe, expect, test } from "vitest";

import { singleFlight } from "./single-flight.ts";

describe("a single flight", () => {
  test("runs once for all callers that wait, and again for later ones", async () => {
    let runs = 0;
    const run = singleFlight(async () => ++runs);
    const { signal } = new AbortController();
    expect(await Promise.all([run(signal), run(signal)])).toEqual([1, 1]);
    expect(await run(signal)).toBe(2);
  });

  test("ends for a caller that gives up, and continues for the others", async () => {
    const work = Promise.withResolvers<string>();
    let cancelled = false;
    const run = singleFlight((signal) => {
      signal.addEventListener("abort", () => (cancelled = true));
      return work.promise;
    });
    const controller = new AbortController();
    const leaving = run(controller.signal);
    const staying = run(new AbortController().signal);
    controller.abort(new Error("gone"));
    await expect(leaving).rejects.toThrow("gone");
    expect(cancelled).toBe(false);
    work.resolve("done");
    expect(await staying).toBe("done");
  });

  test("is cancelled when the last caller gives up, and the next caller starts another one", async () => {
    const signals: AbortSignal[] = [];
    const run = singleFlight((signal) => {
      signals.push(signal);
      return new Promise<never>(() => {});
    });
    const controller = new AbortController();
    const leaving = run(controller.signal);
    controller.abort(new Error("gone"));
    await expect(leaving).rejects.toThrow("gone");
    expect(signals[0]?.aborted).toBe(true);
    const again = new AbortController();
    const later = run(again.signal);
    expect(signals).toHaveLength(2);
    again.abort(new Error("gone"));
    await expect(later).rejects.toThrow("gone");
  });

  test("does not start for a caller that had given up before", async () => {
    let runs = 0;
    const run = singleFlight(async () => ++runs);
    await expect(run(AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(runs).toBe(0);
  });

  test("fails for all callers that wait, and a later caller tries again", async () => {
    let runs = 0;
    const run = singleFlight(async () => {
      if (++runs === 1) throw new Error("no luck");
      return runs;
    });
    const { signal } = new AbortController();
    await Promise.all([expect(run(signal)).rejects.toThrow("no luck"), expect(run(signal)).rejects.toThrow("no luck")]);
    expect(await run(signal)).toBe(2);
  });
});
