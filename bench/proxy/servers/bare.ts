import { type IncomingMessage, createServer } from "node:http";

import { Pool } from "undici";

import { answerOf, callOf, parseAsked } from "./bare-ranking.ts";

/**
 * The least a gateway on Node.js can do: `node -C source bench/proxy/servers/bare.ts PORT UPSTREAM`. Parses, calls,
 * sorts and answers; no keys, no checks, no retries, no metrics. What the runtime itself allows.
 */
const [port, upstream = ""] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 256, pipelining: 1 });
const json = { "content-type": "application/json" };

createServer(async (request, response) => {
  // Whether it runs.
  if (request.method === "GET") return void response.end();
  const asked = parseAsked(await bodyOf(request));
  const answer = answerOf(asked, await call(request.url ?? "/", callOf(asked)));
  response.writeHead(200, { ...json, "content-length": Buffer.byteLength(answer) });
  response.end(answer);
}).listen(Number(port), "127.0.0.1");

// Events and `dispatch` rather than streams and `request`: they are a good part faster.

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(textOf(chunks)));
    request.on("error", reject);
  });
}

function call(path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pool.dispatch(
      { method: "POST", path, headers: json, body },
      {
        onRequestStart: () => {},
        onResponseStart: () => {},
        onResponseData: (_, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve(textOf(chunks)),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

function textOf(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  return first && chunks.length === 1 ? first.toString() : Buffer.concat(chunks).toString();
}
