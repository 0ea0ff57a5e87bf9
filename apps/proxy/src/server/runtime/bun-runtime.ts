import type { Bun } from "./bun.ts";
import { BunPeer, addressOf, listenOnBun } from "./listen-on-bun.ts";
import type { Runtime } from "./runtime.ts";

export function bunRuntime(bun: Bun): Runtime {
  return {
    listen: (app, options) => listenOnBun(bun, app, options),
    peerAddress: (_request, env) => (env instanceof BunPeer ? env.address : undefined),
    sharedPort: (host, port) => sharedPort(bun, host, port),
  };
}

/**
 * Under Bun each process listens by itself on a shared port, and the system does not report another program that shares
 * the port as well. So the port is taken exclusively once, which fails if another program has it.
 */
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
