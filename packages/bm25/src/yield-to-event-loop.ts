/**
 * Waits for other work on the event loop when enough was read since it last did; rejects with the signal's reason when
 * that has aborted. Undefined when there is nothing to wait for, because an await takes its time even then, and a small
 * request has ten of them.
 */
export type YieldToEventLoop = (charactersAhead: number) => Promise<void> | undefined;

/**
 * Lets other work run on the event loop while long texts are read: call the function before each part of the work, and await
 * what it returns.
 * @param limit characters read between two waits; the default takes a millisecond or two, some more in scripts without
 * spaces
 */
export function yieldToEventLoopEvery(signal: AbortSignal, limit: number = 16_384): YieldToEventLoop {
  let read = 0;
  return (charactersAhead) => {
    read += charactersAhead;
    if (read <= limit) return undefined;
    read = charactersAhead;
    return nextIteration().then(() => signal.throwIfAborted());
  };
}

/** Uses `setImmediate` where the runtime has it, because a timer waits a millisecond at least. */
function nextIteration(): Promise<void> {
  return new Promise((resolve) => (typeof setImmediate === "function" ? setImmediate(resolve) : setTimeout(resolve)));
}
