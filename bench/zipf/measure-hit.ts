import type { Line } from "../dispatch/line.ts";
import { startReplica } from "../dispatch/replica.ts";
import { cpuSeconds } from "../proxy/usage.ts";
import { constantModel, scoredModel, startBenchProxy } from "./proxies.ts";
import { percentile, send } from "./send.ts";
import { zipfTraffic } from "./traffic.ts";

const mostOfConstant = 2;
const rounds = 7;
const requestsPerRound = 400;

interface Cost {
  readonly milliseconds: number;
  readonly cpuMicroseconds: number;
}

/**
 * A request of 100 documents all of whose scores are known, against one of the same size that is answered with a
 * constant.
 */
export async function measureHit(): Promise<readonly Line[]> {
  await using replica = await startReplica({ microsecondsPerToken: 0 });
  await using stack = new AsyncDisposableStack();
  const start = async (cache: boolean, model: string): Promise<() => Promise<Cost>> => {
    const proxy = await startBenchProxy(replica.url, cache);
    stack.defer(async () => void (await proxy.stop()));
    const { bodies } = zipfTraffic(1, model);
    const round = Array.from({ length: requestsPerRound }, () => bodies[0] ?? "");
    // The scores are known, and the engine has compiled what it will.
    for (let number = 0; number < 3; number++) await send(proxy.url, round, 1);
    return async () => {
      const cpu = cpuSeconds(proxy.pid);
      const durations = await send(proxy.url, round, 1);
      return {
        milliseconds: percentile(durations, 0.5),
        cpuMicroseconds: ((cpuSeconds(proxy.pid) - cpu) / requestsPerRound) * 1e6,
      };
    };
  };
  const costOfHit = await start(true, scoredModel);
  const costOfConstant = await start(false, constantModel);

  const hits: Cost[] = [];
  const constants: Cost[] = [];
  // In turns, so that whatever else the machine does meets both.
  for (let round = 0; round < rounds; round++) {
    hits.push(await costOfHit());
    constants.push(await costOfConstant());
  }
  return [
    compare(
      "100 cached documents, one at a time, p50",
      "milliseconds",
      (cost) => `${cost.toFixed(2)} ms`,
      hits,
      constants,
    ),
    compare("100 cached documents, CPU", "cpuMicroseconds", (cost) => `${cost.toFixed(0)} µs`, hits, constants),
  ];
}

function compare(
  what: string,
  field: keyof Cost,
  write: (cost: number) => string,
  hits: readonly Cost[],
  constants: readonly Cost[],
): Line {
  const [hit, constant] = [hits, constants].map((costs) =>
    percentile(
      costs.map((cost) => cost[field]).sort((a, b) => a - b),
      0.5,
    ),
  );
  const ratio = (hit ?? Number.NaN) / (constant ?? Number.NaN);
  return {
    what,
    measured: `${write(hit ?? 0)} = ${ratio.toFixed(2)} × constant`,
    target: `≤ ${mostOfConstant} ×`,
    pass: ratio <= mostOfConstant,
  };
}
