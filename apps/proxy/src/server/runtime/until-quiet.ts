import { setTimeout as wait } from "node:timers/promises";

import type { UnderWay } from "../../gateway/in-flight.ts";

/** Milliseconds without any request after which whoever sends them has noticed. */
const quiet = 250;
const glance = 50;

/** Resolves when no request has been under way for a while, or when `most` milliseconds have passed. */
export async function untilQuiet(underWay: UnderWay, most: number): Promise<void> {
  const end = performance.now() + most;
  while (performance.now() < end && (underWay.count > 0 || performance.now() - underWay.lastEnded < quiet))
    await wait(glance);
}
