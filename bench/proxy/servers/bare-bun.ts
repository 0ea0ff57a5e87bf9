import { findBun } from "../../../apps/proxy/src/server/runtime/bun.ts";
import { answerOf, callOf, parseAsked } from "./bare-ranking.ts";

/**
 * The least a gateway on Bun can do: `bun bench/proxy/servers/bare-bun.ts PORT UPSTREAM`. As `bare.ts`, with what is fastest
 * there: Bun's own server and its own `fetch`.
 */
const [port, upstream = ""] = process.argv.slice(2);
const json = { "content-type": "application/json" };

findBun()?.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  development: false,
  async fetch(request) {
    // Whether it runs.
    if (request.method === "GET") return new Response();
    const asked = parseAsked(await request.text());
    const path = request.url.slice(request.url.indexOf("/", "http://".length));
    const response = await fetch(upstream + path, { method: "POST", headers: json, body: callOf(asked) });
    return new Response(answerOf(asked, await response.text()), { headers: json });
  },
});
