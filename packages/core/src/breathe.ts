/** Documents from which a step takes milliseconds. */
const many = 1_000;

/** Lets other requests go on between two steps of a large one, which would otherwise keep the event loop to itself. */
export async function breathe(documents: number): Promise<void> {
  if (documents >= many) await new Promise((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve));
}
