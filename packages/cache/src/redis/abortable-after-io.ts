import { setImmediate } from "node:timers";

/** Settles as the promise does, or rejects with the signal's reason when it aborts first. What the promise does afterwards is nobody's business. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // An answer may have arrived while the process was busy past the time limit: what is in the socket is read before anybody gives up.
    const onAbort = (): void => void setImmediate(() => reject(signal.reason));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
