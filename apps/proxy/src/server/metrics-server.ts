import { once } from "node:events";
import { type Server, type ServerResponse, createServer } from "node:http";

import type { MetricsPage } from "../telemetry/telemetry.ts";
import { serverPort } from "./server-address.ts";

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` on a port of its own and without a key, for a network where only Prometheus can reach that port.
 * @param port 0 takes a free one
 * @param stateOf of a process that serves nothing else: what its probes are told
 */
export async function startMetricsServer(
  page: Pick<MetricsPage, "contentType" | "text">,
  host: string,
  port: number,
  stateOf?: () => string | undefined,
): Promise<MetricsServer> {
  const server = createServer(limits, (request, response) => {
    const [path = ""] = request.url?.split("?") ?? [];
    if (request.method === "GET" && stateOf && probePaths.has(path))
      return void response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ status: "healthy", batches: stateOf() }));
    if (request.method !== "GET" || path !== "/metrics")
      return refuse(response, 404, "only GET /metrics is answered here\n");
    page.text().then(
      (text) => response.writeHead(200, { "content-type": page.contentType }).end(text),
      () => refuse(response, 500, "the metrics could not be collected\n"),
    );
  });
  server.listen(port, host);
  await once(server, "listening");
  return { port: serverPort(server), close: () => closeServer(server) };
}

const probePaths: ReadonlySet<string> = new Set(["/health/liveness", "/health/liveliness", "/health/readiness"]);

/** Milliseconds that a client may take for its request. */
const limits = { headersTimeout: 5_000, requestTimeout: 5_000 } as const;

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
