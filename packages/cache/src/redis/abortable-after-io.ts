import { setImmediate } from "node:timers/promises";

import { abortable } from "@dheera-ai/core/provider-utils";

/**
 * As `abortable` of core, but after the abort what has arrived in sockets is read before the promise is given up: an
 * answer of Redis may have come in time while the process was busy past the time limit. It is no option of core's
 * function, because core runs on runtimes without `setImmediate`, and because a caller that gives up must not wait
 * there.
 */
export async function abortableAfterIo<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await abortable(promise, signal);
  } catch (reason) {
    if (!signal.aborted) throw reason;
    await setImmediate();
    return Promise.race([promise, Promise.reject(signal.reason)]);
  }
}
