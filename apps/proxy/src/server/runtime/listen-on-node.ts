import { once } from "node:events";
import { createServer } from "node:http";
import type { Socket } from "node:net";

import { getRequestListener } from "@hono/node-server";

import type { App } from "../../app.ts";
import { badRequest, refuseAddress } from "./bad-request.ts";
import { serverPort } from "../port-of.ts";
import type { ListenOptions, Listener } from "./runtime.ts";
import { stopOnNode } from "./stop-on-node.ts";

/** Milliseconds and bytes that a client may take; slower or bigger ones are refused before they cost anything. */
const limits = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
  // Longer than the idle time of common load balancers (60 s), so that it is never we who close a connection they are about to use.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16_384,
} as const;

/** Listens with `node:http`. */
export async function listenOnNode(app: App, { host, port, isDraining }: ListenOptions): Promise<Listener> {
  const answer = getRequestListener((request, env) => app.fetch(request, env), {
    // HTTP/1.0 has no Host header, and some load balancers still probe with it.
    hostname: "localhost",
    errorHandler: refuseAddress,
  });
  const server = createServer(limits, (incoming, outgoing) => {
    if (isDraining()) outgoing.shouldKeepAlive = false;
    void answer(incoming, outgoing);
  });
  server.on("clientError", refuseUnreadable);
  server.listen(port, host);
  await once(server, "listening");
  return { port: serverPort(server), stop: (inFlight, most) => stopOnNode(server, inFlight, most) };
}

/** What Node.js cannot read as HTTP never reaches the app. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = readings[error.code ?? ""] ?? ["400 Bad Request", "the request is not valid HTTP"];
  const body = JSON.stringify(badRequest(message));
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const readings: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    `the request's headers are larger than ${limits.maxHeaderSize} bytes`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request did not arrive in time"],
};
