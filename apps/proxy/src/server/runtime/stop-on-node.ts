import { once } from "node:events";
import type { Server } from "node:http";
import { Server as SocketServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import type { InFlight } from "../../gateway/in-flight.ts";
import { untilQuiet } from "./until-quiet.ts";

/** Milliseconds that an idle connection is kept after nothing new is accepted: the next request may be on its way on it already. */
const courtesy = 1_000;
const glance = 50;

/** `Listener.stop`. */
export async function stopOnNode(server: Server, inFlight: InFlight, most: number): Promise<void> {
  const end = performance.now() + most;
  await untilQuiet(inFlight, most / 2);
  const closed = once(server, "close");
  await stopAccepting(server, Math.min(performance.now() + courtesy, end));
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), glance);
  const cut = setTimeout(() => server.closeAllConnections(), Math.max(0, end - performance.now()));
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}

/** Closes the listening socket alone and lets connections be, which `close` of an HTTP server does not, until they are gone or it is time. */
async function stopAccepting(server: Server, end: number): Promise<void> {
  SocketServer.prototype.close.call(server);
  while (performance.now() < end && (await countConnections(server)) > 0) await wait(glance);
}

function countConnections(server: SocketServer): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
