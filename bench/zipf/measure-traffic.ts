import type { Line } from "../dispatch/line.ts";
import { startReplica } from "../dispatch/replica.ts";
import { scoredModel, startBenchProxy } from "./proxies.ts";
import { percentile, send } from "./send.ts";
import { type Traffic, documentsPerRequest, zipfTraffic } from "./traffic.ts";

const connections = 16;

/** The same traffic with and without cache: what the upstream is spared, and what callers wait. */
export async function measureTraffic(requests: number): Promise<readonly Line[]> {
  const traffic = zipfTraffic(requests, scoredModel);
  const off = await run(traffic, false);
  const on = await run(traffic, true);
  const all = requests * documentsPerRequest;
  const repeated = all - traffic.differentPairs;
  const saved = all - on.pairsScored;
  return [
    {
      what: `upstream documents of ${all.toLocaleString("en")} saved`,
      measured: `${saved.toLocaleString("en")} = ${((100 * saved) / all).toFixed(1)} %`,
      target: `all repeats: ${repeated.toLocaleString("en")}`,
      pass: saved >= repeated,
    },
    {
      what: "p50 without and with cache",
      measured: `${off.p50.toFixed(1)} → ${on.p50.toFixed(1)} ms`,
      target: "less",
      pass: on.p50 < off.p50,
    },
    {
      what: "p99 without and with cache",
      measured: `${off.p99.toFixed(1)} → ${on.p99.toFixed(1)} ms`,
      target: "less",
      pass: on.p99 < off.p99,
    },
  ];
}

async function run({ bodies }: Traffic, cache: boolean): Promise<{ pairsScored: number; p50: number; p99: number }> {
  await using replica = await startReplica({ microsecondsPerToken: 2 });
  const proxy = await startBenchProxy(replica.url, cache);
  try {
    // Profiles are known and connections open before anything is measured; these documents are none of the traffic's.
    await send(proxy.url, [JSON.stringify({ model: scoredModel, query: "warm-up", documents: ["warm-up"] })], 1);
    const { pairsScored: before } = await replica.stats();
    const durations = await send(proxy.url, bodies, connections);
    const { pairsScored } = await replica.stats();
    return { pairsScored: pairsScored - before, p50: percentile(durations, 0.5), p99: percentile(durations, 0.99) };
  } finally {
    await proxy.stop();
  }
}
