/** Documents from which a step takes milliseconds. */
const many = 1_000;

/** Whether a step over so many documents would block the event loop for too long. */
export function isLarge(documents: number): boolean {
  return documents >= many;
}

/** Lets other requests go on between two steps of a large one. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve));
}
