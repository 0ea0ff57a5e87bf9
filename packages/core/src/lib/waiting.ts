/**
 * Waits; rejects with the signal's reason when it aborts first. In the background it does not keep a Node.js process
 * alive.
 */
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

/**
 * Settles as the promise does, or rejects with the signal's reason when it aborts first; what the promise does
 * afterwards is ignored.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return abortableResult(promise, signal, (value) => value);
}

/** The same, with what `read` makes of the value; by itself it would take a promise more. What it throws rejects. */
export function abortableResult<T, Result>(
  promise: Promise<T>,
  signal: AbortSignal,
  read: (value: T) => Result,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const letGo = (): void => signal.removeEventListener("abort", onAbort);
    // Always followed, so that its failure is never an unhandled one.
    promise.then(
      (value) => {
        letGo();
        try {
          resolve(read(value));
        } catch (error) {
          reject(error);
        }
      },
      (error: unknown) => {
        letGo();
        reject(error);
      },
    );
  });
}

/** A signal that aborts with its leader, and can be aborted alone. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** No longer follows the leader. */
  close(): void;
}

/** `translate` turns the leader's reason into this signal's. */
export function linkedAbort(
  leader: AbortSignal | undefined,
  translate: (reason: unknown) => unknown = (reason) => reason,
): LinkedAbort {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(translate(leader?.reason));
  if (leader?.aborted) onAbort();
  else leader?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    close: () => leader?.removeEventListener("abort", onAbort),
  };
}

/** setTimeout cannot wait longer. */
export const longestTimerMs = 2_147_483_647;

/**
 * The same, which also aborts after a time, with a `TimeoutError`; closing it stops the clock. `AbortSignal.timeout` and `any` would do it as
 * well, but the runtime keeps such signals in sets that live long, see `removeFrom`.
 */
export function limitedAbort(
  leader: AbortSignal | undefined,
  milliseconds: number,
  translate: (reason: unknown) => unknown = (reason) => reason,
): LinkedAbort {
  const { signal, abort, close } = linkedAbort(leader, translate);
  const tooLate = (): void => abort(translate(new DOMException("too late", "TimeoutError")));
  const timer = setTimeout(tooLate, Math.min(milliseconds, longestTimerMs));
  return {
    signal,
    abort,
    close: () => {
      clearTimeout(timer);
      close();
    },
  };
}

/** Documents from which a step takes milliseconds, and UTF-16 units of all of them together. */
const many = 1_000;
const long = 1_000_000;

/** Whether a step over so many documents would block the event loop for too long. */
export function isMany(documents: number): boolean {
  return documents >= many;
}

/** Whether a step over these texts would, because they are many or long. */
export function isLarge(texts: readonly string[]): boolean {
  if (isMany(texts.length)) return true;
  let units = 0;
  for (const text of texts) units += text.length;
  return units >= long;
}

/** Large steps that wait for their turn of the event loop. */
const turns: (() => void)[] = [];

/**
 * Lets other requests go on between two steps of a large one. Each turn of the event loop has one large step at most: many
 * that were ready at one time would hold it up together.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (turns.push(resolve) === 1) inNextTurn(beginNextStep);
  });
}

function beginNextStep(): void {
  turns.shift()?.();
  if (turns.length > 0) inNextTurn(beginNextStep);
}

/** `setImmediate` called from within itself waits for a whole turn, in which what has arrived is read. */
function inNextTurn(run: () => void): void {
  (globalThis.setImmediate ?? setTimeout)(run);
}
