import { spawnSync } from "node:child_process";

import type { Target } from "../proxy/load/measured.ts";
import { proxyBody, smallShape } from "../proxy/load/shapes.ts";
import { masterKey, modelName, startGateway } from "../proxy/servers/gateway.ts";
import { startBare, startStub } from "../proxy/servers/upstream.ts";
import type { Curve } from "./curve.ts";
import { inRounds, seriesOf } from "./in-rounds.ts";
import { load, warmUp } from "./load.ts";

const counts = [1, 3, 10, 30, 100, 300, 1_000, 2_000];

/**
 * Requests at one time to one proxy, each on a connection of its own that asks again when it was answered. By Little's law a request takes
 * their number divided by how many are answered a second, on average.
 */
export const concurrency: Curve = {
  title: "Requests at one time",
  sizes: "open connections",
  async measure({ rounds, seconds, enough }) {
    await using stub = await startStub([smallShape]);
    await using proxy = await startGateway("node", stub.url, [smallShape]);
    await using bare = await startBare("node", stub.url);
    const asked = { key: masterKey, body: proxyBody(smallShape, modelName(smallShape)), unique: true };
    const ours: [Target] = [{ ...asked, url: `${proxy.url}/rerank` }];
    const its: [Target] = [{ ...asked, url: `${bare.url}/${smallShape.documents}/rerank` }];
    await warmUp(ours, enough);
    await warmUp(its, enough);
    const measured = await inRounds(possible(), rounds, async (connections) => {
      // Each connection is to be answered several times.
      const under = { connections, seconds: connections < 1_000 ? seconds : 3 * seconds };
      const { cpu, perSecond, p50, p99 } = await load(proxy.pid, { ...under, targets: ours });
      const yardstick = await load(bare.pid, { ...under, targets: its });
      const expected = (connections / perSecond) * 1000;
      return { cpu, bare: yardstick.cpu, p50: p50 / expected, p99: p99 / expected };
    });
    return [
      {
        title: "µs of the processor, a request of 4 × 80 B",
        series: [seriesOf("the proxy", measured, "cpu"), seriesOf("bare Node.js", measured, "bare")],
      },
      {
        title: "wait, as a multiple of what Little’s law expects",
        series: [seriesOf("median", measured, "p50"), seriesOf("p99", measured, "p99")],
      },
    ];
  },
};

/** Each request needs two files in the proxy: its connection and the upstream's. Node.js takes as many as the system lets it. */
function possible(): readonly number[] {
  const limit = Number(spawnSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).stdout);
  const most = Number.isNaN(limit) ? Infinity : (limit - 200) / 2;
  const left = counts.filter((count) => count > most);
  if (left.length > 0) console.log(`left out, for want of open files (ulimit -n ${limit}): ${left.join(", ")}`);
  return counts.filter((count) => count <= most);
}
