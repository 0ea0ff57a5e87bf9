import type { IncomingMessage } from "node:http";

/** The message as Node.js has it, which `@hono/node-server` hands to the app. Undefined under any other runtime. */
export function incomingOfNode(env: unknown): IncomingMessage | undefined {
  const incoming = typeof env === "object" && env !== null && "incoming" in env ? env.incoming : undefined;
  return isMessage(incoming) ? incoming : undefined;
}

function isMessage(value: unknown): value is IncomingMessage {
  return typeof value === "object" && value !== null && "socket" in value && "on" in value;
}
