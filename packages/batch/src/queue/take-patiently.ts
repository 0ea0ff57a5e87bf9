import { setTimeout as wait } from "node:timers/promises";

import type { Claim } from "../contract.ts";

/** Milliseconds. */
const timeBetweenLooks = 100;
/** Milliseconds after which somebody who waits for a shard is told that there is none. */
const longestWait = 1_000;

/** Looks for a shard again and again: what is taken when nobody asks any more is given back. */
export async function takePatiently(
  look: () => Promise<Claim | undefined>,
  isOver: () => boolean,
): Promise<Claim | undefined> {
  const end = performance.now() + longestWait;
  while (!isOver()) {
    const claim = await look();
    if (claim !== undefined && !isOver()) return claim;
    await claim?.release();
    if (performance.now() > end) return undefined;
    await wait(timeBetweenLooks);
  }
  return undefined;
}
