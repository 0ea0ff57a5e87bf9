import { peerOfNode } from "./node-request.ts";
import { listenOnNode } from "./listen-on-node.ts";
import type { Runtime } from "./runtime.ts";

export const nodeRuntime: Runtime = {
  listen: listenOnNode,
  peerAddress: peerOfNode,
  // The first process listens for all of them.
  sharedPort: async (_host, port) => port,
};
