import { readFileSync } from "node:fs";

import { Pool } from "undici";

import type { Measured } from "./wrk.ts";

/**
 * A fixed rate of requests, whatever the answers take (open loop), from a process of its own:
 * `node -C source bench/proxy/paced.ts URL BODY_FILE RATE SECONDS [KEY]`. Prints JSON. A request's latency counts from when it was due.
 */
const [url = "", bodyFile = "", rate = "1000", seconds = "5", key] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
const pool = new Pool(origin, { connections: 64, pipelining: 1 });
const body = readFileSync(bodyFile);
const headers = { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) };
const every = 1000 / Number(rate);
const total = Math.floor(Number(rate) * Number(seconds));
/** The first second warms connections and code. */
const warmUp = Number(rate);

const latencies: number[] = [];
let failures = 0;
let sent = 0;
let answered = 0;
const began = performance.now();

await new Promise<void>((resolve) => {
  const tick = (): void => {
    for (; sent < total && performance.now() >= began + sent * every; sent++) send(sent, began + sent * every, resolve);
    if (sent < total) setImmediate(tick);
  };
  tick();
});
latencies.sort((a, b) => a - b);
const at = (share: number): number => latencies[Math.floor(share * latencies.length)] ?? Number.NaN;
const elapsed = (performance.now() - began) / 1000;
const measured: Measured = { requestsPerSecond: total / elapsed, p50: at(0.5), p90: at(0.9), p99: at(0.99), failures };
process.stdout.write(JSON.stringify(measured));
await pool.destroy();

function send(number: number, due: number, done: () => void): void {
  const end = (failed: boolean): void => {
    if (number >= warmUp) latencies.push(performance.now() - due);
    if (failed) failures++;
    if (++answered === total) done();
  };
  let status = 0;
  pool.dispatch(
    { method: "POST", path: pathname, headers, body },
    {
      onRequestStart: () => {},
      onResponseStart: (_, code) => {
        status = code;
      },
      onResponseData: () => {},
      onResponseEnd: () => end(status !== 200),
      onResponseError: () => end(true),
    },
  );
}
