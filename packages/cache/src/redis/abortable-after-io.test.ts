import { setImmediate } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { abortableAfterIo } from "./abortable-after-io.ts";

describe("abortableAfterIo", () => {
  it("settles as the promise does", async () => {
    const { signal } = new AbortController();
    await expect(abortableAfterIo(Promise.resolve("answer"), signal)).resolves.toBe("answer");
    await expect(abortableAfterIo(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
  });

  it("rejects with the signal's reason when the promise does not settle", async () => {
    const controller = new AbortController();
    const waiting = abortableAfterIo(new Promise(() => {}), controller.signal);
    controller.abort(new Error("too late"));
    await expect(waiting).rejects.toThrow("too late");
    await expect(abortableAfterIo(new Promise(() => {}), controller.signal)).rejects.toThrow("too late");
  });

  it("leaves no rejection unhandled, however late", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const late = Promise.withResolvers<never>();
    await expect(abortableAfterIo(late.promise, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
    late.reject(new Error("broken"));
    await setImmediate();
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("takes an answer that had arrived before the abort was noticed", async () => {
    const controller = new AbortController();
    const waiting = abortableAfterIo(setImmediate("answer"), controller.signal);
    controller.abort(new Error("too late"));
    await expect(waiting).resolves.toBe("answer");
  });
});
