import { setTimeout as sleep } from "node:timers/promises";

import type { InFlight } from "../../gateway/in-flight.ts";
import type { BunServer } from "./bun.ts";
import { untilQuiet } from "./until-quiet.ts";

/** Idle connections are kept for this long, because the next request may already be on its way on one of them. */
const idleGraceMs = 1_000;

/**
 * `Listener.stop`. Bun closes idle connections together with the listening socket, so both wait for the end of the
 * grace time.
 */
export async function stopOnBun(server: BunServer, inFlight: InFlight, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  const left = (): number => Math.max(0, end - performance.now());
  await untilQuiet(inFlight, timeoutMs / 2);
  await sleep(Math.min(idleGraceMs, left()));
  const cutOff = setTimeout(() => void server.stop(true), left());
  await server.stop();
  clearTimeout(cutOff);
}
