import { loadavg } from "node:os";
import { parseArgs } from "node:util";

import { printLines } from "../dispatch/line.ts";
import { enoughToWarmUp, warmUp } from "../proxy/load/load.ts";
import { openSend } from "../proxy/load/send.ts";
import { type Shape, proxyBody, smallShape } from "../proxy/load/shapes.ts";
import { median } from "../proxy/median.ts";
import { printMissing } from "../proxy/programs.ts";
import { printRow } from "../proxy/table.ts";
import { cpuSeconds } from "../proxy/usage.ts";
import { documentsOfOneCall, startLargeServers } from "./servers.ts";
import { Yardstick } from "./yardstick.ts";

/**
 * What a request of very many documents costs the proxy: `node -C source bench/large/main.ts [--rounds 7] [--requests 20]
 * [--bytes 500] [--runtime bun]`. Counted is all processor time of the process that serves, its other threads and the
 * kernel's work for it included, from reading the request to writing the answer, a request at a time. The yardstick is one
 * `JSON.parse` of the body's text and one `JSON.stringify` of what that gives, in a process of its own that does nothing else.
 * All take turns within each round; a ratio is computed within its round. The stub upstream answers at once. Exits with 1 when the
 * goal is missed.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    requests: { type: "string", default: "20" },
    bytes: { type: "string", default: "500" },
    runtime: { type: "string", default: "node" },
  },
});
const [rounds, requests] = [Number(values.rounds), Number(values.requests)];
const runtime = values.runtime === "bun" ? "bun" : "node";
const mostTimes = 1.3;
const shape: Shape = { name: `10,000 × ${values.bytes} B`, documents: documentsOfOneCall, bytes: Number(values.bytes) };

printMissing("nginx");
console.log(`${runtime}; Node.js ${process.version}; load ${loadavg()[0]?.toFixed(1)}`);
await using servers = await startLargeServers(runtime);
// What the proxy does for every request is optimised before anything counts, as it is where it runs.
await warmUp({ ...servers.small, body: proxyBody(smallShape, servers.small.model) }, enoughToWarmUp);
await using yardstick = await Yardstick.start(proxyBody(shape, "yardstick"));
const sides = servers.large.map(({ what, pid, model, ...asked }) => {
  const { send, close } = openSend({ ...asked, body: proxyBody(shape, model), unique: true }, 1);
  return { what, pid, close, ask: () => new Promise<boolean>((resolve) => send(resolve)), measured: emptyFigures() };
});
const parsing: number[] = [];
await round();
for (const { measured } of sides) Object.assign(measured, emptyFigures());
parsing.length = 0;
for (let number = 0; number < rounds; number++) await round();

printRow({ "": "`JSON.parse` and `JSON.stringify`", "CPU ms": spreadOf(parsing, 2), "÷ parse and stringify": "1" });
for (const { what, measured } of sides)
  printRow({
    "": what,
    "CPU ms": spreadOf(measured.milliseconds, 1),
    "÷ parse and stringify": spreadOf(measured.times, 2),
  });
const goals = sides
  .filter(({ what }) => what.startsWith("proxy"))
  .map(({ what, measured }) => {
    const times = median(measured.times);
    return { what, measured: `${times.toFixed(2)} ×`, target: `≤ ${mostTimes} ×`, pass: times <= mostTimes };
  });
printLines(goals);
console.log(`load ${loadavg()[0]?.toFixed(1)}`);
for (const { close } of sides) await close();
if (goals.some(({ pass }) => !pass)) process.exitCode = 1;

async function round(): Promise<void> {
  const yard = await yardstick.milliseconds(requests);
  parsing.push(yard);
  for (const { pid, ask, measured } of sides) {
    const before = cpuSeconds(pid);
    for (let request = 0; request < requests; request++) if (await ask()) throw new Error("a request failed");
    const milliseconds = ((cpuSeconds(pid) - before) * 1_000) / requests;
    measured.milliseconds.push(milliseconds);
    measured.times.push(milliseconds / yard);
  }
}

interface Figures {
  readonly milliseconds: number[];
  readonly times: number[];
}

function emptyFigures(): Figures {
  return { milliseconds: [], times: [] };
}

/** The median, with the least and the most. */
function spreadOf(numbers: readonly number[], digits: number): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return `${median(numbers).toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
