/** Waits; rejects with the signal's reason when it aborts first. In the background it does not keep a Node.js process alive. */
export function sleep(
  milliseconds: number,
  signal: AbortSignal,
  where: "foreground" | "background" = "foreground",
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    if (where === "background" && typeof timer === "object") timer.unref();
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** Settles as the promise does, or rejects with the signal's reason when it aborts first; what the promise does afterwards is ignored. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const letGo = (): void => signal.removeEventListener("abort", onAbort);
    // Always followed, so that its failure is never an unhandled one.
    promise.then(
      (value) => {
        letGo();
        resolve(value);
      },
      (error: unknown) => {
        letGo();
        reject(error);
      },
    );
  });
}
