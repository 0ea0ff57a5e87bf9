import { parseArgs } from "node:util";

import { Pool } from "undici";

import { worstBodies } from "./worst-bodies.ts";

/**
 * Sends one worst body again and again over many connections, and prints how often each status was answered:
 * `flood.ts --url … --key … --body <name> --connections 200 --seconds 10`. A process of its own, because sending takes
 * its time from nobody who is measured then.
 */
const { values } = parseArgs({
  options: {
    url: { type: "string", default: "" },
    key: { type: "string", default: "" },
    body: { type: "string", default: "" },
    connections: { type: "string", default: "200" },
    seconds: { type: "string", default: "10" },
  },
});
const body = worstBodies.find(({ name }) => name === values.body)?.make();
if (!body) throw new Error(`there is no body ${values.body}`);
const connections = Number(values.connections);
const pool = new Pool(values.url, { connections, headersTimeout: 0, bodyTimeout: 0 });
const end = performance.now() + Number(values.seconds) * 1_000;
const signal = AbortSignal.timeout(Number(values.seconds) * 1_000);
const answers: Record<string, number> = {};

await Promise.all(Array.from({ length: connections }, send));
await pool.destroy();
console.log(JSON.stringify(answers));

async function send(): Promise<void> {
  while (performance.now() < end) {
    const answer = await ask();
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
}

/** What is not answered when the time is over has waited for room. */
async function ask(): Promise<string> {
  try {
    const { statusCode, body: answered } = await pool.request({
      method: "POST",
      path: "/rerank",
      headers: { "content-type": "application/json", authorization: `Bearer ${values.key}` },
      body,
      signal,
    });
    await answered.dump();
    return String(statusCode);
  } catch (error) {
    return signal.aborted ? "waiting" : error instanceof Error && "code" in error ? String(error.code) : "failed";
  }
}
