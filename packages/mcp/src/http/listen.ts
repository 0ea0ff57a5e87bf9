import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";

import { toNodeHandler } from "@modelcontextprotocol/node";

import type { RequestHead } from "./door.ts";
import type { EndpointWithDoor } from "./http-endpoint.ts";
import { refusal } from "./refusal.ts";

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

/**
 * Serves `/mcp`, `/health` and `/metrics` on Node.js. The last two need no key, as those of the proxy's own port, but the
 * names by which all are called are the same. A body is waited for only where somebody who may ask sends one to `/mcp`.
 */
export async function listen(
  endpoint: EndpointWithDoor,
  { host, port, metrics }: ListenOptions,
): Promise<ListeningServer> {
  const { door, maxRequestBodySize } = endpoint;
  const handle = toNodeHandler(endpoint, { maxRequestBodySize });
  const server = createServer(patience, (request, response) => {
    const answer = answerHead(pathOf(request), headOf(request)).catch(() => refusal(500, -32_603, "failed"));
    void answer.then((early) => (early ? send(early, response) : handle(request, response)));
  });
  server.listen(port, host);
  await once(server, "listening");

  async function answerHead(path: string, head: RequestHead): Promise<Response | undefined> {
    if (path === "/mcp") {
      const admitted = door.admit(head);
      return "answer" in admitted ? admitted.answer : undefined;
    }
    const stranger = door.refuseStranger(head);
    if (stranger) return stranger;
    if (head.method === "GET" || head.method === "HEAD") {
      if (healthPaths.has(path)) return Response.json({ status: "healthy", sessions: endpoint.sessions() });
      if (path === "/metrics" && metrics)
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

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

function headOf({ method = "GET", headersDistinct }: IncomingMessage): RequestHead {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  return { method, headers };
}

/** What is left of the body is not waited for; Node.js takes it from the connection, or closes that in time. */
async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
