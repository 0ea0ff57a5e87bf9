import { findBun } from "./bun.ts";
import { peerOfNode } from "./node-request.ts";
import type { Runtime } from "./runtime.ts";

/** The runtime of this program. The code for the other runtime is not loaded. */
export async function findRuntime(): Promise<Runtime> {
  const bun = findBun();
  if (bun) return (await import("./bun-runtime.ts")).bunRuntime(bun);
  const { listenOnNode } = await import("./listen-on-node.ts");
  return {
    listen: listenOnNode,
    peerAddress: peerOfNode,
    // The first process listens for all of them.
    sharedPort: async (_host, port) => port,
  };
}
