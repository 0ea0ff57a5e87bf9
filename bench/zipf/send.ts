import { Pool } from "undici";

import { masterKey } from "./proxies.ts";

/**
 * Sends bodies to a proxy's `/rerank` in their order, over this many connections.
 * @returns milliseconds that each took, shortest first
 */
export async function send(url: string, bodies: Iterable<string>, connections: number): Promise<readonly number[]> {
  const pool = new Pool(url, { connections });
  const queue = bodies[Symbol.iterator]();
  const durations: number[] = [];
  const client = async (): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const started = performance.now();
      const { statusCode, body } = await pool.request({
        method: "POST",
        path: "/rerank",
        headers: { "content-type": "application/json", authorization: `Bearer ${masterKey}` },
        body: next.value,
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`the proxy answered ${statusCode}: ${text}`);
      durations.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.close();
  return durations.sort((a, b) => a - b);
}

/** Of numbers in ascending order; `share` is 0..1. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
