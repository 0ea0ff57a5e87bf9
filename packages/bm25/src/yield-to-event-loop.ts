/**
 * Waits for other work on the event loop when enough was read since it last did; rejects with the signal's reason when
 * that has aborted.
 */
export type YieldToEventLoop = (charactersAhead: number) => Promise<void>;

/**
 * Lets other work run on the event loop while long texts are read: await the function before each part of the work.
 * @param limit characters read between two waits; the default takes a millisecond or two, some more in scripts without
 * spaces
 */
export function yieldToEventLoopEvery(signal: AbortSignal, limit: number = 16_384): YieldToEventLoop {
  let read = 0;
  return async (charactersAhead) => {
    read += charactersAhead;
    if (read <= limit) return;
    read = charactersAhead;
    await nextIteration();
    signal.throwIfAborted();
  };
}

/** Uses `setImmediate` where the runtime has it, because a timer waits a millisecond at least. */
function nextIteration(): Promise<void> {
  return new Promise((resolve) => (typeof setImmediate === "function" ? setImmediate(resolve) : setTimeout(resolve)));
}
