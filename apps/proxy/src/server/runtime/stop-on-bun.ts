import { setTimeout as wait } from "node:timers/promises";

import type { InFlight } from "../../gateway/in-flight.ts";
import type { BunServer } from "./bun.ts";
import { untilQuiet } from "./until-quiet.ts";

/** Milliseconds that idle connections are kept: the next request may be on its way on one already. */
const courtesy = 1_000;

/** `Listener.stop`. Bun closes idle connections together with the listening socket, so that has to wait for both. */
export async function stopOnBun(server: BunServer, inFlight: InFlight, most: number): Promise<void> {
  const end = performance.now() + most;
  const left = (): number => Math.max(0, end - performance.now());
  await untilQuiet(inFlight, most / 2);
  await wait(Math.min(courtesy, left()));
  const cut = setTimeout(() => void server.stop(true), left());
  await server.stop();
  clearTimeout(cut);
}
