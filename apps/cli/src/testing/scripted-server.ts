import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
}

/** A loopback server that does with each request what a test says. */
export async function startScriptedServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<ScriptedServer> {
  const server = createServer((request, response) => {
    request.resume();
    request.once("end", () => answer(request, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A ranking as proxies and Cohere's API answer it, with the first document as the best. */
export function sendRanking(response: ServerResponse, documents: number = 2): void {
  const results = Array.from({ length: documents }, (_document, index) => ({
    index,
    relevance_score: 1 / (index + 2),
  }));
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ results }));
}
