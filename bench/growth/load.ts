import { askWhenAnswered } from "../proxy/load/loops.ts";
import type { Target } from "../proxy/load/measured.ts";
import { openSend } from "../proxy/load/send.ts";
import { cpuMicroseconds } from "../proxy/usage.ts";
import { quantile } from "./in-rounds.ts";

export interface Load {
  /** Asked in turns. */
  readonly targets: readonly [Target, ...Target[]];
  readonly connections: number;
  readonly seconds: number;
}

/** What a proxy did under load. */
export interface Loaded {
  /** Processor time of the proxy's process a request, microseconds. */
  readonly cpu: number;
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Load from this process, as fast as it is answered. Connections are open and busy before anything counts, and every request that counts is
 * answered within the time that counts: a few large ones are no less exact than many small ones.
 * @throws Error when an answer is not 200
 */
export async function load(pid: number, { targets, connections, seconds }: Load): Promise<Loaded> {
  const { send, close } = openSend(targets, connections);
  await askWhenAnswered(send, connections, Math.min(0.1, seconds / 4));
  const before = cpuMicroseconds(pid);
  const { latencies, failures, milliseconds } = await askWhenAnswered(send, connections, seconds);
  const used = cpuMicroseconds(pid) - before;
  await close();
  const requests = latencies.length;
  if (failures > 0) throw new Error(`${failures} of ${requests} requests failed at ${targets[0].url}`);
  return {
    cpu: used / requests,
    requests,
    perSecond: (requests / milliseconds) * 1000,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

/** Each target is asked at least once, and all together so often. @throws Error when an answer is not 200 */
export async function warmUp(targets: Load["targets"], requests: number): Promise<void> {
  const { send, close } = openSend(targets, 16);
  for (let answered = 0; answered < Math.max(requests, targets.length);) {
    const { latencies, failures } = await askWhenAnswered(send, 16, 0.25);
    if (failures > 0) throw new Error(`${failures} requests failed at ${targets[0].url}`);
    answered += latencies.length;
  }
  await close();
}
