import { parseArgs } from "node:util";

import { printRow } from "../proxy/table.ts";
import {
  type Machine,
  type RuntimeName,
  type ShapeName,
  boundsOf,
  bytesOneWay,
  mostProcesses,
  readConstants,
  redisShareOfBeats,
} from "./model.ts";

/**
 * The tables of docs/capacity.md, computed from constants: `node -C source bench/cores/capacity.ts [--constants FILE] [--cores 64]
 * [--machines 100] [--gigabits 25] [--runtime node|bun] [--servers 1]`.
 */
const { values } = parseArgs({
  options: {
    constants: { type: "string" },
    cores: { type: "string", default: "64" },
    machines: { type: "string", default: "100" },
    /** Of the network of one machine, in each direction. */
    gigabits: { type: "string", default: "25" },
    runtime: { type: "string", default: "node" },
    /** Upstreams that all processes share. */
    servers: { type: "string", default: "1" },
  },
});
const constants = readConstants(values.constants ?? new URL("./constants.json", import.meta.url));
const [cores, machines, servers] = [Number(values.cores), Number(values.machines), Number(values.servers)];
const runtime: RuntimeName = values.runtime === "bun" ? "bun" : "node";
const machine: Machine = { cores, gigabits: Number(values.gigabits), runtime };
const small = boundsOf(constants, machine, "small");
const large = boundsOf(constants, machine, "large");

console.log(`One machine: ${cores} cores and as many workers on ${runtime}, ${values.gigabits} Gbit/s`);
row("its processors", small.processors, large.processors);
row("its network, one way", small.network, large.network);
row("new connections, one for each request (first process)", small.accepts, large.accepts);
row("two limits without Redis, each count alone (first process)", small.counts[0], large.counts[0]);
row("two limits without Redis, many counts at one time", small.counts[1], large.counts[1]);

console.log(`\nAll machines together at one Redis`);
row("two limits", small.redisLimits, large.redisLimits);
row("two limits and unknown scores", small.redisScores, large.redisScores);
row(`the processors of ${machines} machines`, small.processors * machines, large.processors * machines);

console.log(`\nBeats at ${servers} shared servers, as a part of Redis' one thread`);
for (const processes of [1, 8, cores, 4 * cores, machines * cores])
  printRow({
    "processes at each server": String(processes),
    "as a rule": percent(redisShareOfBeats(constants, processes, servers)),
    "while all wait for places": percent(redisShareOfBeats(constants, processes, servers, "contended")),
  });
console.log(
  `\nRedis does nothing but beats with ${mostProcesses(constants, "usual")} processes at one server, and while all wait with ${mostProcesses(constants, "contended")}`,
);

console.log("");
rowOfEach("connections to Redis", constants.redisConnections);
rowOfEach("connections to PostgreSQL, at most", constants.databaseConnections);
rowOfEach("transactions a second that book", constants.bookingsPerSecond);
rowOfEach("connections to one upstream, at most", constants.upstreamConnections);
rowOfEach("health checks of one upstream every 300 s, where they are on", 1);
rowOfEach("memory after large requests, MB", constants.workerMegabytes.large + constants.firstMegabytes / cores);
const bytes = (["small", "large"] satisfies ShapeName[]).map((shape) => round(bytesOneWay(constants, shape)));
console.log(`\nBytes of a request in one direction: ${bytes.join(" and ")}`);

/** @param factor of one process */
function rowOfEach(what: string, factor: number): void {
  printRow({
    what,
    "one machine": round(cores * factor, 4),
    [`${machines} machines`]: round(machines * cores * factor, 4),
  });
}

function row(what: string, ofSmall: number, ofLarge: number): void {
  printRow({ "requests a second, at most": what, "4 × 80 B": round(ofSmall), "100 × 1 kB": round(ofLarge) });
}

function round(number: number, digits: number = 2): string {
  return Number(number.toPrecision(digits)).toLocaleString("en");
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2)).toLocaleString("en")} %`;
}
