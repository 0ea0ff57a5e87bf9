import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";

import { printLines } from "./dispatch/line.ts";
import { compare } from "./proxy/compare.ts";
import { type Cache, startFleet } from "./proxy/servers/fleet.ts";
import type { Runtime } from "./proxy/servers/gateway.ts";
import { measureGoals } from "./proxy/goals.ts";
import { enoughToWarmUp, warmUp } from "./proxy/load/load.ts";
import { printComparison } from "./proxy/print-comparison.ts";
import { printMissing } from "./proxy/programs.ts";
import { type Shape, shapes, smallShape } from "./proxy/load/shapes.ts";

/**
 * What the proxy costs: `pnpm bench [--connections 32] [--shapes 0,1] …` builds and runs it. A stub upstream, the proxy
 * on Node.js and on Bun with its cache off, cold and warm, and the yardsticks (nginx, which parses nothing, and a bare
 * server on each runtime) run all the time, each a process of its own; the generator of load is another. They are loaded in
 * turns for short rounds. A figure is the median over the rounds; what compares two servers is computed within each
 * round first, with quartiles. Figures of one run compare with each other and with nothing else. First come the figures that have a
 * goal, at 32 connections, then all shapes. Uses nginx and wrk where they are installed; Linux only.
 */
const { values } = parseArgs({
  options: {
    /** Requests of the small shape that each server answers before anything is measured. */
    "warm-up": { type: "string", default: String(enoughToWarmUp) },
    /** Of each server in each round; up to three times as many for large shapes. */
    seconds: { type: "string", default: "1" },
    /** For the goals three times as many. */
    rounds: { type: "string", default: "3" },
    /** Positions in `shapes`. */
    shapes: { type: "string", default: "0,1,2,3" },
    connections: { type: "string", default: "1,16,64" },
    runtimes: { type: "string", default: "node,bun" },
    caches: { type: "string", default: "off,cold,warm" },
    goals: { type: "boolean", default: true },
    table: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
const chosen = values.shapes.split(",").flatMap((position) => shapes[Number(position)] ?? []);

printMissing("nginx", "wrk");
console.log(
  `Node.js ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores at the start`,
);
await using fleet = await startFleet(
  shapes,
  values.runtimes.split(",").filter(isRuntime),
  values.caches.split(",").filter(isCache),
);
for (const server of fleet.servers) await warmUp(server.targetOf(smallShape), Number(values["warm-up"]));
if (values.goals) printLines(await measureGoals(fleet, rounds * 3, seconds));
if (values.table)
  for (const shape of chosen) {
    for (const server of fleet.servers) await warmUp(server.targetOf(shape), 500);
    for (const connections of values.connections.split(",").map(Number)) {
      const plan = { connections, rounds, seconds: seconds * stretch(shape) };
      printComparison(shape.name, connections, await compare(fleet.servers, shape, plan));
    }
  }

/** Rounds of large requests are longer: what is under way when a round ends does not count, and these are few. */
function stretch({ documents, bytes }: Shape): number {
  return Math.min(3, Math.ceil((documents * bytes) / 100_000));
}

function isRuntime(name: string): name is Runtime {
  return name === "node" || name === "bun";
}

function isCache(name: string): name is Cache {
  return name === "off" || name === "cold" || name === "warm";
}
