import { randomBytes } from "node:crypto";

import { Pool } from "undici";

import type { Target } from "./measured.ts";
import { serial } from "./shapes.ts";

/** Sends one request; `end` is called once, when its whole answer is there or there will be none. */
export type Send = (end: (failed: boolean) => void) => void;

/** Connections to a target, with as little around them as undici allows. */
export function openSend(
  { url, body, key, headers: own, unique = false }: Target,
  connections: number,
): { send: Send; close(): Promise<void> } {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const headers = {
    "content-type": "application/json",
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...own,
  };
  const bodies = unique ? uniqueBodies(body) : () => body;
  const send: Send = (end) => {
    let status = 0;
    pool.dispatch(
      { method: "POST", path: pathname, headers, body: bodies() },
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
