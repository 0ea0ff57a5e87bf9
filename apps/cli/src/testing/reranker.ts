import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

export interface Reranker extends AsyncDisposable {
  readonly url: string;
  /** Queries that were answered, in order. */
  readonly answered: readonly string[];
  /** Pairs of query and document that were answered, in order. */
  readonly pairs: readonly string[];
  /** Connections that are open. */
  connections(): number;
  /** From now on it answers everything, and what is asked meanwhile. */
  release(): void;
}

export interface RerankerOptions {
  /** Requests that it answers before it is released; all when absent. */
  readonly most?: number;
  /** Queries for which it answers 500. */
  readonly fails?: (query: string) => boolean;
  /** The key that it wants; any when absent. */
  readonly key?: string;
}

/** A loopback server that answers so many requests as Cohere does, the longest text as the best, and lets the others wait. */
export async function startReranker({
  most = Infinity,
  fails = () => false,
  key,
}: RerankerOptions = {}): Promise<Reranker> {
  const answered: string[] = [];
  const pairs: string[] = [];
  const released = Promise.withResolvers<void>();
  let asked = 0;
  const server = createServer((request, response) => {
    void (async () => {
      if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
        return void response.writeHead(401, { "content-type": "application/json" }).end('{"message":"no such key"}');
      const { query, documents } = (await json(request)) as { query: string; documents: string[] };
      if (++asked > most) await released.promise;
      if (response.destroyed) return;
      answered.push(query);
      pairs.push(...documents.map((document) => `${query}\n${document}`));
      if (fails(query))
        return void response
          .writeHead(500, { "content-type": "application/json" })
          .end(JSON.stringify({ message: "the scripted reranker fails" }));
      const results = documents.map((text, index) => ({ index, relevance_score: text.length / 1_000 }));
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ results }));
    })();
  });
  let connections = 0;
  server.on("connection", (socket) => {
    connections++;
    socket.once("close", () => connections--);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    answered,
    pairs,
    connections: () => connections,
    release: released.resolve,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
