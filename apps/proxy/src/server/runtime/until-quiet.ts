import { setTimeout as sleep } from "node:timers/promises";

import type { InFlight } from "../../gateway/in-flight.ts";

/** After this time without any request the load balancers have noticed that the server is stopping. */
const quietMs = 250;
const pollMs = 50;

/** Resolves when no request has been in flight for a while, or after `timeoutMs`. */
export async function untilQuiet(inFlight: InFlight, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end && (inFlight.count > 0 || performance.now() - inFlight.lastEnded < quietMs))
    await sleep(pollMs);
}
