import type { IncomingMessage } from "node:http";

/**
 * The message as Node.js has it; `@hono/node-server` hands it to the app beside the request. Undefined under any other
 * runtime.
 */
export function incomingOfNode(env: unknown): IncomingMessage | undefined {
  const incoming = typeof env === "object" && env !== null && "incoming" in env ? env.incoming : undefined;
  return isMessage(incoming) ? incoming : undefined;
}

/** The peer's address under Node.js. Undefined under any other runtime. */
export function peerOfNode(_request: Request, env: unknown): string | undefined {
  return incomingOfNode(env)?.socket.remoteAddress;
}

function isMessage(value: unknown): value is IncomingMessage {
  return typeof value === "object" && value !== null && "socket" in value && "on" in value;
}
