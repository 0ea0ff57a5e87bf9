import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { Agent, RoundRobinPool } from "undici";

import { askAtRate, askWhenAnswered } from "../proxy/load/loops.ts";
import type { Send } from "../proxy/load/send.ts";
import { serial } from "../proxy/load/shapes.ts";
import type { Asking, Asked } from "./ask.ts";

/**
 * Who asks, a process of its own: `node -C source bench/cores/asker.ts ORDER_FILE`. Connections that are kept take turns, so
 * that all workers get the same; otherwise each request has a connection of its own. Prints what it saw as JSON.
 */
const { url, key, body, connections, seconds, rate, keeps }: Asking = JSON.parse(
  readFileSync(process.argv[2] ?? "", "utf8"),
);
const { origin, pathname } = new URL(url);
const pool = keeps
  ? new RoundRobinPool(origin, { connections, pipelining: 1 })
  : new Agent({ connections, pipelining: 1 });
const send = sender();
const answers = await (rate === undefined
  ? askWhenAnswered(send, connections, seconds)
  : askAtRate(send, rate, seconds));
await pool.close();
const { latencies, failures, milliseconds } = answers;
const asked: Asked = {
  requests: latencies.length,
  failures,
  perSecond: (latencies.length / milliseconds) * 1_000,
  p50: latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length / 2)] ?? Number.NaN,
};
process.stdout.write(JSON.stringify(asked));

function sender(): Send {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const [head = "", ...rest] = body.split(serial);
  const tail = rest.join(serial);
  const half = serial.length / 2;
  const ours = randomBytes(half / 2).toString("hex");
  let number = 0;
  return (end) => {
    let status = 0;
    const text = `${head}${ours}${String(number++).padStart(half, "0")}${tail}`;
    pool.dispatch(
      { origin, method: "POST", path: pathname, headers, body: text, reset: !keeps },
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
  };
}
