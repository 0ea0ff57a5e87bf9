import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Bytes in use once the garbage is gone: the heap and the array buffers. Other memory outside the heap is the
 * runtime's, which comes and goes.
 */
export async function usedMemory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collectGarbage: unknown = runInNewContext("gc");
  if (typeof collectGarbage !== "function") throw new Error("the garbage collector cannot be called");
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    // What hangs on the garbage is given back in the background.
    await sleep(20);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
