import { randomBytes } from "node:crypto";

import { Pool } from "undici";

import type { Target } from "./measured.ts";
import { serial } from "./shapes.ts";

/** Sends one request; `end` is called once, when its whole answer is there or there will be none. */
export type Send = (end: (failed: boolean) => void) => void;

/** Connections to a server, with as little around them as undici allows. Its targets are asked in turns. */
export function openSend(
  targets: Target | readonly [Target, ...Target[]],
  connections: number,
): { send: Send; close(): Promise<void> } {
  const [first, ...others] = "url" in targets ? [targets] : targets;
  const pool = new Pool(new URL(first.url).origin, { connections, pipelining: 1 });
  const requests = [first, ...others].map(({ url, body, key, headers, unique = false }) => ({
    path: new URL(url).pathname,
    headers: {
      "content-type": "application/json",
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    bodies: unique ? uniqueBodies(body) : () => body,
  }));
  let turn = 0;
  const send: Send = (end) => {
    let status = 0;
    const request = requests[turn++ % requests.length];
    if (!request) throw new Error("there is nothing to ask");
    const { path, headers, bodies } = request;
    pool.dispatch(
      { method: "POST", path, headers, body: bodies() },
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
  return { send, close: () => pool.close() };
}

/** Half of the serial distinguishes processes, the other half requests. */
function uniqueBodies(body: string): () => string {
  const [head = "", ...rest] = body.split(serial);
  const tail = rest.join(serial);
  const half = serial.length / 2;
  const ours = randomBytes(half / 2).toString("hex");
  let number = 0;
  return () => `${head}${ours}${String(number++).padStart(half, "0")}${tail}`;
}
