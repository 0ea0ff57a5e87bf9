import { createServer } from "node:http";

import { infoOf } from "./info.ts";
import { upstreamAnswer } from "../load/shapes.ts";

/**
 * The stub upstream where nginx is not installed: `node -C source bench/proxy/servers/stub.ts PORT DOCUMENTS_PER_CALL`.
 * Answers the ranking of N documents at `/N/rerank` without reading the request.
 */
const [port, documentsPerCall] = process.argv.slice(2);
const info = Buffer.from(infoOf(Number(documentsPerCall)));
const rankings = new Map<number, Buffer>();

createServer((request, response) => {
  const [, documents, what] = (request.url ?? "").split("/");
  const answer = what === "rerank" ? rankingOf(Number(documents)) : info;
  const headers = {
    "content-type": "application/json",
    "content-length": answer.length,
    "x-compute-tokens": String(Number(documents) * 20),
  };
  request.resume().once("end", () => response.writeHead(200, headers).end(answer));
}).listen(Number(port), "127.0.0.1");

function rankingOf(documents: number): Buffer {
  const ranking = rankings.get(documents) ?? Buffer.from(upstreamAnswer({ documents }));
  rankings.set(documents, ranking);
  return ranking;
}
