import { once } from "node:events";
import type { Server } from "node:http";

import type { UnderWay } from "../under-way.ts";
import { untilQuiet } from "./until-quiet.ts";

/**
 * Stops a server whose readiness says no already. While requests still come they are answered, for half of the time at most: whoever sends them
 * may not have noticed. Then nothing new is accepted and what is under way may finish; what does not by the end is cut off.
 * @param most milliseconds
 */
export async function stop(server: Server, underWay: UnderWay, most: number): Promise<void> {
  const end = performance.now() + most;
  await untilQuiet(underWay, most / 2);
  const closed = once(server, "close");
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), Math.max(0, end - performance.now()));
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
