import { once } from "node:events";
import { type RequestListener, type Server, createServer } from "node:http";
import type { Socket } from "node:net";

import { getRequestListener } from "@hono/node-server";

import type { App } from "../../app.ts";
import { keepGarbageYoung } from "../keep-garbage-young.ts";
import { serverPort } from "../server-address.ts";
import type { Logger } from "../../telemetry/telemetry.ts";
import { badRequest, refuseAddress } from "./bad-request.ts";
import { mostConnections } from "./file-descriptors.ts";
import type { ListenOptions, Listener, ServerTls } from "./runtime.ts";
import { stopOnNode } from "./graceful-stop-on-node.ts";
import { isUploading } from "./uploads.ts";

/**
 * Milliseconds and bytes that a client may take; slower or larger requests are refused before the app spends time on
 * them.
 */
const limits = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
  // Longer than the idle time of common load balancers (60 s), so that the proxy never closes a connection that a load
  // balancer is about to use.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16_384,
} as const;

/** Listens with `node:http`. */
export async function listenOnNode(app: App, options: ListenOptions): Promise<Listener> {
  const { host, port, isDraining, log, tls, keepAliveTimeout } = options;
  keepGarbageYoung();
  const answer = getRequestListener((request, env) => app.fetch(request, env), {
    // HTTP/1.0 has no Host header, and some load balancers still send probes with it.
    hostname: "localhost",
    errorHandler: refuseAddress,
  });
  const listener: RequestListener = (incoming, outgoing) => {
    if (isDraining()) outgoing.shouldKeepAlive = false;
    void answer(incoming, outgoing);
  };
  const server = tls ? await createTlsServer(tls, listener) : createServer(limits, listener);
  if (keepAliveTimeout !== undefined) server.keepAliveTimeout = keepAliveTimeout * 1_000;
  server.on("clientError", refuseUnreadable);
  const most = await mostConnections();
  if (most !== undefined) keepBelow(most, server, log);
  server.listen(port, host);
  await once(server, "listening");
  return { port: serverPort(server), stop: (inFlight, timeoutMs) => stopOnNode(server, inFlight, timeoutMs) };
}

/** Loaded only where it is used. */
async function createTlsServer(tls: ServerTls, listener: RequestListener): Promise<Server> {
  const https = await import("node:https");
  return https.createServer({ ...limits, ...tls }, listener);
}

/** A connection too many is closed unanswered: those that are open go on being served. */
function keepBelow(most: number, server: Server, log: Logger): void {
  server.maxConnections = most;
  let quietUntil = Number.NEGATIVE_INFINITY;
  server.on("drop", () => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + reportEveryMs;
    log.warn(`connections are refused, because ${most} are open; raise the limit of file descriptors (ulimit -n)`);
  });
}

const reportEveryMs = 60_000;

/** Answers what Node.js cannot read as HTTP, because it never reaches the app. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  // The time for a whole request is over; for a file it is the time without a byte that counts.
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isUploading(socket)) return;
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = refusals[error.code ?? ""] ?? ["400 Bad Request", "the request is not valid HTTP"];
  const body = JSON.stringify(badRequest(message));
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const refusals: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    `the request's headers are larger than ${limits.maxHeaderSize} bytes`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request did not arrive in time"],
};
