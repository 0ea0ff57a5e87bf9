import * as v from "valibot";

/** What `@hono/node-server` hands to the app beside each request. */
const bindings = v.object({ incoming: v.object({ socket: v.object({ remoteAddress: v.optional(v.string()) }) }) });

/** The peer's address under Node.js; undefined under any other runtime. */
export function peerOfNode(_request: Request, env: unknown): string | undefined {
  return v.is(bindings, env) ? env.incoming.socket.remoteAddress : undefined;
}
