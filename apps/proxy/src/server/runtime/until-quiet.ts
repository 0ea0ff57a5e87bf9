import { setTimeout as wait } from "node:timers/promises";

import type { InFlight } from "../../gateway/in-flight.ts";

/** Milliseconds without any request after which whoever sends them has noticed. */
const quiet = 250;
const glance = 50;

/** Resolves when no request has been under way for a while, or when `most` milliseconds have passed. */
export async function untilQuiet(inFlight: InFlight, most: number): Promise<void> {
  const end = performance.now() + most;
  while (performance.now() < end && (inFlight.count > 0 || performance.now() - inFlight.lastEnded < quiet))
    await wait(glance);
}
