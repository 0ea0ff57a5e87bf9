import type { Bun } from "./bun.ts";
import { addressOf, listenOnBun } from "./listen-on-bun.ts";
import { peerOfBun } from "./peer-of-bun.ts";
import type { Runtime } from "./runtime.ts";

export function bunRuntime(bun: Bun): Runtime {
  return {
    listen: (app, options) => listenOnBun(bun, app, options),
    peerAddress: peerOfBun,
    sharedPort: (host, port) => sharedPort(bun, host, port),
  };
}

/** Each process listens by itself on a port it shares, and nobody would notice another program that does the same; so it is taken alone once. */
async function sharedPort(bun: Bun, host: string, wanted: number): Promise<number> {
  const server = bun.serve({
    hostname: await addressOf(host),
    port: wanted,
    fetch: () => new Response(null, { status: 503 }),
  });
  const { port } = server;
  await server.stop(true);
  return port;
}
