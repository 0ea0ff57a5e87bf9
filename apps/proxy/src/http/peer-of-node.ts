import { incomingOfNode } from "./incoming-of-node.ts";

/** The peer's address under Node.js. Undefined under any other runtime. */
export function peerOfNode(_request: Request, env: unknown): string | undefined {
  return incomingOfNode(env)?.socket.remoteAddress;
}
