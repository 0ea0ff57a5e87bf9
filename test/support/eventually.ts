import { expect } from "vitest";

/** Expects something of a value that becomes true in a while, however busy the machine is. */
export function eventually<T>(read: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { interval: 10, timeout: 60_000 });
}
