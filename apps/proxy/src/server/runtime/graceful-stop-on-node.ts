import { once } from "node:events";
import type { Server } from "node:http";
import { Server as SocketServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { InFlight } from "../../gateway/in-flight.ts";
import { untilQuiet } from "./until-quiet.ts";

/**
 * Idle connections are kept for this long after the listening socket is closed, because the next request may already be
 * on its way on one of them.
 */
const idleGraceMs = 1_000;
const pollMs = 50;

/** `Listener.stop`. */
export async function stopOnNode(server: Server, inFlight: InFlight, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  await untilQuiet(inFlight, timeoutMs / 2);
  const closed = once(server, "close");
  await stopAccepting(server, Math.min(performance.now() + idleGraceMs, end));
  server.close();
  const closeIdle = setInterval(() => server.closeIdleConnections(), pollMs);
  const cutOff = setTimeout(() => server.closeAllConnections(), Math.max(0, end - performance.now()));
  await closed;
  clearInterval(closeIdle);
  clearTimeout(cutOff);
}

/**
 * Closes only the listening socket; `close` of an HTTP server would close idle connections as well. Resolves when no
 * connection is left, or at `end`.
 */
async function stopAccepting(server: Server, end: number): Promise<void> {
  SocketServer.prototype.close.call(server);
  while (performance.now() < end && (await countConnections(server)) > 0) await sleep(pollMs);
}

function countConnections(server: SocketServer): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
