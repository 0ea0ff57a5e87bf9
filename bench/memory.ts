import { parseArgs } from "node:util";

import { type Line, printLines } from "./dispatch/line.ts";
import { masterKey, modelName, startGateway } from "./proxy/servers/gateway.ts";
import { measure } from "./proxy/load/load.ts";
import { printMissing } from "./proxy/programs.ts";
import { proxyBody, smallShape } from "./proxy/load/shapes.ts";
import { startStub } from "./proxy/servers/upstream.ts";
import { growthPerMinute, sample } from "./soak/sample.ts";

/**
 * Memory at full load: `node -C source bench/memory.ts [--minutes 10] [--runtime bun]`. 32 connections ask for the
 * small shape as fast as they are answered; resident memory is looked at once a second. Growth is the slope over the
 * second half, by least squares. `bench/soak.ts` asks the same of changing requests and faulty servers. Exits with 1
 * when a goal is missed; less than ten minutes say little about growth. Linux only.
 */
const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, runtime: { type: "string", default: "node" } },
});
const minutes = Number(values.minutes);
const mostMegabytes = 150;
const mostMegabytesPerMinute = 1;

printMissing("nginx", "wrk");
await using stub = await startStub([smallShape]);
await using gateway = await startGateway(values.runtime === "bun" ? "bun" : "node", stub.url, [smallShape]);
const target = { url: `${gateway.url}/rerank`, key: masterKey, body: proxyBody(smallShape, modelName(smallShape)) };
const end = new AbortController();
const samples = sample(gateway.pid, end.signal);
const measured = await measure({ ...target, connections: 32, seconds: Math.round(minutes * 60) });
end.abort();
const lines = await judge();
printLines(lines);
if (lines.some(({ pass }) => pass === false)) process.exitCode = 1;

async function judge(): Promise<readonly Line[]> {
  const all = await samples;
  const highest = Math.max(...all.map(({ rssMegabytes }) => rssMegabytes));
  const growth = growthPerMinute(all.filter((one) => one.minutes >= minutes / 2));
  return [
    { what: "requests", measured: measured.requests.toLocaleString("en"), target: "" },
    { what: "failures", measured: String(measured.failures), target: "0", pass: measured.failures === 0 },
    {
      what: "resident memory, highest",
      measured: `${highest.toFixed(0)} MB`,
      target: `≤ ${mostMegabytes} MB`,
      pass: highest <= mostMegabytes,
    },
    {
      what: "growth a minute, second half",
      measured: `${growth.toFixed(2)} MB`,
      target: `≤ ${mostMegabytesPerMinute} MB`,
      pass: growth <= mostMegabytesPerMinute,
    },
  ];
}
