/** The peer's address under Node.js: `@hono/node-server` hands the incoming message to the app. Undefined under any other runtime. */
export function peerOfNode(_request: Request, env: unknown): string | undefined {
  const address = fieldOf(fieldOf(fieldOf(env, "incoming"), "socket"), "remoteAddress");
  return typeof address === "string" ? address : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
