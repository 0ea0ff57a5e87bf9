/** Bytes from which a body takes milliseconds to parse and to check. */
export const largeBody = 250_000;

let last: Promise<void> = Promise.resolve();

/**
 * The next turn of a large body: one at a time, and after each the event loop goes around, so that small requests are
 * served between two of them, however many arrive together.
 */
export function largeBodyTurn(): Promise<void> {
  last = last.then(goAround);
  return last;
}

function goAround(): Promise<void> {
  return new Promise((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve));
}
