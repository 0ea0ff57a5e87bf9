import { type IncomingMessage, createServer } from "node:http";

import { Pool } from "undici";

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
  const { query, documents, top_n: topN }: Asked = JSON.parse(await bodyOf(request));
  const ranking: Ranked[] = JSON.parse(
    await call(request.url ?? "/", JSON.stringify({ query, texts: documents, truncate: true })),
  );
  ranking.sort((a, b) => b.score - a.score);
  const results = ranking.slice(0, topN).map(({ index, score }) => ({ index, relevance_score: score }));
  const answer = JSON.stringify({ results });
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

interface Asked {
  readonly query: string;
  readonly documents: readonly string[];
  readonly top_n: number;
}

interface Ranked {
  readonly index: number;
  readonly score: number;
}
