import { parseArgs } from "node:util";

import { type Runtime, masterKey, modelName, startGateway } from "./proxy/gateway.ts";
import { measurePaced } from "./proxy/measure-paced.ts";
import { startStub, startYardstick } from "./proxy/nginx.ts";
import { cpuSeconds, rssMegabytes } from "./proxy/processes.ts";
import { type Shape, proxyBody, shapes, upstreamBody } from "./proxy/shapes.ts";
import { printRows } from "./proxy/table.ts";
import { type Measured, wrk } from "./proxy/wrk.ts";

/**
 * What the proxy costs: `pnpm bench` after a build. A stub upstream, the proxy, the yardstick (nginx that parses nothing) and the load generator are
 * processes of their own; figures of one run compare with each other and with nothing else. Needs nginx and wrk (Debian's packages).
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "1,16,64" },
    shapes: { type: "string", default: "0,1,2,3" },
    runtimes: { type: "string", default: "node,bun" },
    caches: { type: "string", default: "off,cold,warm" },
    paced: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const seconds = Number(values.seconds);
const chosen = values.shapes.split(",").flatMap((position) => shapes[Number(position)] ?? []);
const connections = values.connections.split(",").map(Number);
/** Different bodies sent in turn when nothing may be known already: more pairs than the cache holds for long. */
const coldBodies = 400;

const stub = await startStub(shapes);
const yardstick = await startYardstick(stub.url);
const baseline = new Map<string, Measured>();

for (const shape of chosen)
  for (const count of connections) {
    const load = { bodies: [upstreamBody(shape)], connections: count, seconds };
    const direct = await wrk({ ...load, url: `${stub.url}/${shape.documents}/rerank` });
    const through = await wrk({ ...load, url: `${yardstick.url}/${shape.documents}/rerank` });
    baseline.set(`${shape.name} ${count}`, through);
    baseline.set(`${shape.name} ${count} direct`, direct);
    report(shape, count, "nginx", "", through, direct, through);
  }

for (const runtime of values.runtimes.split(",").filter(isRuntime))
  for (const cache of values.caches.split(",")) {
    const gateway = await startGateway(runtime, stub.url, shapes, cache !== "off");
    for (const shape of chosen)
      for (const count of connections) {
        const bodies =
          cache === "cold"
            ? Array.from({ length: coldBodies }, (_, salt) => proxyBody(shape, modelName(shape), `${count}-${salt} `))
            : [proxyBody(shape, modelName(shape))];
        const load = { url: `${gateway.url}/rerank`, bodies, connections: count, key: masterKey };
        await wrk({ ...load, seconds: 1 });
        const cpu = cpuSeconds(gateway.pid);
        const measured = await wrk({ ...load, seconds });
        const cpuPerRequest = ((cpuSeconds(gateway.pid) - cpu) / (measured.requestsPerSecond * seconds)) * 1e6;
        const facts = { cpuPerRequest, rss: rssMegabytes(gateway.pid) };
        report(
          shape,
          count,
          runtime,
          cache,
          measured,
          baseline.get(`${shape.name} ${count} direct`),
          baseline.get(`${shape.name} ${count}`),
          facts,
        );
      }
    if (cache === "off" && values.paced && runtime === "node") await reportPaced(gateway.url);
    await gateway.stop();
  }
await yardstick.stop();
await stub.stop();

function report(
  shape: Shape,
  count: number,
  server: string,
  cache: string,
  measured: Measured,
  direct: Measured | undefined,
  yard: Measured | undefined,
  facts?: { readonly cpuPerRequest: number; readonly rss: number },
): void {
  printRows({
    shape: shape.name,
    connections: String(count),
    server,
    cache,
    "requests/s": measured.requestsPerSecond.toFixed(0),
    "× nginx": yard ? (measured.requestsPerSecond / yard.requestsPerSecond).toFixed(3) : "",
    "added p50 ms": direct ? (measured.p50 - direct.p50).toFixed(2) : "",
    "added p90 ms": direct ? (measured.p90 - direct.p90).toFixed(2) : "",
    "added p99 ms": direct ? (measured.p99 - direct.p99).toFixed(2) : "",
    "CPU µs": facts ? facts.cpuPerRequest.toFixed(0) : "",
    "RSS MB": facts ? facts.rss.toFixed(0) : "",
    failures: String(measured.failures),
  });
}

/** The small shape at half of the maximum rate, against the upstream at the same rate. */
async function reportPaced(gateway: string): Promise<void> {
  const [shape] = shapes;
  if (!shape) return;
  const full = await wrk({
    url: `${gateway}/rerank`,
    bodies: [proxyBody(shape, modelName(shape))],
    connections: 32,
    seconds,
    key: masterKey,
  });
  const rate = Math.floor(full.requestsPerSecond / 2);
  const direct = await measurePaced(`${stub.url}/${shape.documents}/rerank`, upstreamBody(shape), rate, seconds + 2);
  const through = await measurePaced(`${gateway}/rerank`, proxyBody(shape, modelName(shape)), rate, seconds + 2, masterKey);
  report(shape, rate, "node at half rate", "off", through, direct, undefined);
}

function isRuntime(name: string): name is Runtime {
  return name === "node" || name === "bun";
}
