import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import type { UpstreamAnswer, UpstreamRequest } from "./subject.ts";

/** What a server can do instead of answering. */
export type Fault = "hang" | "hang in the body" | "reset" | "die in the body";

/** What a scripted server does with one request: an answer, or a fault. */
export type Reply = UpstreamAnswer | { readonly fault: Fault };

/** A real HTTP server on a loopback port that answers as a script says. */
export interface ScriptedServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Everything that arrived, in order. */
  readonly requests: readonly UpstreamRequest[];
  /** Resolves when the first request that gets a fault has come in whole. */
  readonly faulted: Promise<void>;
  /** Resolves when a client closes its connection before the answer is complete. */
  readonly abandoned: Promise<void>;
  /** Connections that are open now. */
  openConnections(): number;
}

/** Runs something against a server, and stops the server afterwards whatever happens. */
export async function withServer<T>(
  reply: (request: UpstreamRequest) => Reply | Promise<Reply>,
  run: (server: ScriptedServer) => Promise<T>,
): Promise<T> {
  const requests: UpstreamRequest[] = [];
  const faulted = Promise.withResolvers<void>();
  const abandoned = Promise.withResolvers<void>();

  const server = createServer((incoming, response) => {
    response.on("close", () => {
      if (!response.writableFinished) abandoned.resolve();
    });
    // A client that goes away while its request is read is the check's own doing.
    readRequest(incoming).then(
      async (request) => {
        requests.push(request);
        const answer = await reply(request);
        if (!("fault" in answer)) return send(response, answer);
        commit(response, answer.fault);
        faulted.resolve();
      },
      () => response.destroy(),
    );
  });
  let open = 0;
  server.on("connection", (socket) => {
    open++;
    socket.on("close", () => open--);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the loopback server has no port");

  try {
    return await run({
      url: `http://127.0.0.1:${address.port}`,
      requests,
      faulted: faulted.promise,
      abandoned: abandoned.promise,
      openConnections: () => open,
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/**
 * An address on which nothing listens. No service is assigned to port 4, and a server that asks for any free port never gets
 * it; the port of a server that was just closed could go to the next one.
 */
export const closedAddress = "http://127.0.0.1:4";

async function readRequest(incoming: IncomingMessage): Promise<UpstreamRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    text,
    body: parseObject(text),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: UpstreamAnswer): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(text);
}

function commit(response: ServerResponse, fault: Fault): void {
  if (fault === "reset") response.destroy();
  if (fault === "hang" || fault === "reset") return;
  // The length promises more than comes, so that the client keeps reading.
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write("[", () => {
    if (fault === "die in the body") response.destroy();
  });
}
