import { createServer } from "node:http";

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  /** Path and query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** JSON; null when there was none. */
  readonly body: unknown;
  /** Resolves when the caller has closed the connection. */
  readonly hungUp: Promise<void>;
}

export interface Reply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, everything else as JSON. */
  readonly body?: unknown;
}

/** A real server on a loopback port; stops when it is disposed of. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Method and path of each request so far. */
  readonly asked: readonly string[];
}

export async function serve(answer: (request: Received) => Reply | Promise<Reply>): Promise<Server> {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const request = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      body: text === "" ? null : JSON.parse(text),
      hungUp: new Promise<void>((resolve) => response.once("close", () => resolve())),
    };
    received.push(request);
    const { status = 200, headers = {}, body = "" } = await answer(request);
    const isText = typeof body === "string";
    response.writeHead(status, {
      "content-type": isText ? "text/plain; charset=utf-8" : "application/json",
      ...headers,
    });
    response.end(isText ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    get asked() {
      return received.map(({ method, path }) => `${method} ${path}`);
    },
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const notFound: Reply = { status: 404, body: { detail: "Not Found" } };
