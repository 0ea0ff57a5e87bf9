import { once } from "node:events";
import { type Server, createServer } from "node:http";

import { toNodeHandler } from "@modelcontextprotocol/node";

import type { HttpEndpoint } from "./http-endpoint.ts";

/** Where the server listens, and what else it answers there. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What `GET /metrics` answers; nothing is there without it. */
  readonly metrics?: { readonly contentType: string; text(): Promise<string> } | undefined;
}

/** A server that listens. */
export interface ListeningServer extends AsyncDisposable {
  readonly port: number;
  /** Sessions that are open. */
  sessions(): number;
  /** Takes no more requests and ends those that run. */
  close(): Promise<void>;
}

/** Serves `/mcp`, `/health` and `/metrics` on Node.js. The last two need no key, as those of the proxy's own port. */
export async function listen(endpoint: HttpEndpoint, { host, port, metrics }: ListenOptions): Promise<ListeningServer> {
  const handle = toNodeHandler({ fetch: (request) => route(request) });
  const server = createServer(patience, (request, response) => void handle(request, response));
  server.listen(port, host);
  await once(server, "listening");

  async function route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/mcp") return endpoint.fetch(request);
    if (request.method === "GET" || request.method === "HEAD") {
      if (healthPaths.has(pathname)) return Response.json({ status: "healthy", sessions: endpoint.sessions() });
      if (pathname === "/metrics" && metrics)
        return new Response(await metrics.text(), { headers: { "content-type": metrics.contentType } });
    }
    return Response.json({ error: { message: "there are /mcp, /health and /metrics here" } }, { status: 404 });
  }

  const close = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    await endpoint.close();
    server.closeAllConnections();
    await closed;
  };
  return { port: portOf(server), sessions: () => endpoint.sessions(), close, [Symbol.asyncDispose]: close };
}

/** Milliseconds that a client may take for its request. */
const patience = { headersTimeout: 10_000, requestTimeout: 60_000 } as const;

const healthPaths: ReadonlySet<string> = new Set([
  "/health",
  "/health/liveness",
  "/health/liveliness",
  "/health/readiness",
]);

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
