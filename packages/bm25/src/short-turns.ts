/** Waits where the work before took its turn; rejects with the signal's reason once that has aborted. */
export type Turn = (characters: number) => Promise<void>;

/**
 * Long work in short turns, so that others get theirs on the event loop: `await` the function before each part of the work.
 * @param limit characters read in one turn; the default takes a millisecond or two, some more in scripts without spaces
 */
export function shortTurns(signal: AbortSignal, limit: number = 16_384): Turn {
  let spent = 0;
  return async (characters) => {
    spent += characters;
    if (spent <= limit) return;
    spent = characters;
    await nextTurn();
    signal.throwIfAborted();
  };
}

/** `setImmediate` where the runtime has it: a timer waits a millisecond at least. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => (typeof setImmediate === "function" ? setImmediate(resolve) : setTimeout(resolve)));
}
