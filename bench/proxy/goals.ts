import type { Line } from "../dispatch/line.ts";
import { type Comparison, added, compare, ratio, typical } from "./compare.ts";
import { type Fleet, type Server, names } from "./servers/fleet.ts";
import type { Runtime } from "./servers/gateway.ts";
import { generate } from "./load/generate.ts";
import { warmUp } from "./load/load.ts";
import type { Measured } from "./load/measured.ts";
import { printComparison, roundsOf, spread } from "./print-comparison.ts";
import { type Shape, largeShape, smallShape } from "./load/shapes.ts";
import { printRow } from "./table.ts";

const connections = 32;
/** Of nginx's requests a second that a gateway has to reach, cache off. */
const leastOfNginx: Readonly<Record<Runtime, ReadonlyMap<Shape, number>>> = {
  node: new Map([
    [smallShape, 0.45],
    [largeShape, 0.4],
  ]),
  bun: new Map([
    [smallShape, 0.55],
    [largeShape, 0.55],
  ]),
};
/** Processor time of a request that is not exceeded, microseconds, cache off. */
const mostProcessor: typeof leastOfNginx = {
  node: new Map([
    [smallShape, 45],
    [largeShape, 180],
  ]),
  bun: new Map([
    [smallShape, 50],
    [largeShape, 170],
  ]),
};
/** Of the requests a second of a bare server on the same runtime. */
const leastOfBare = 0.8;
const mostMegabytes = 150;
const leastCachedRatio = 1.5;
/** Milliseconds added at half of the maximum rate, small shape. */
const mostAdded = { p50: 0.25, p99: 2 } as const;
/** Seconds of load that the generator's own code needs, for each of its targets. */
const generatorWarmUp = 6;

/**
 * The figures that have a goal: two shapes at 32 connections, and latency at half of the maximum rate. Prints what they
 * are made of.
 */
export async function measureGoals({ servers }: Fleet, rounds: number, seconds: number): Promise<readonly Line[]> {
  const compared = servers.filter(({ cache }) => cache !== "cold");
  const lines: Line[] = [];
  for (const shape of [smallShape, largeShape]) {
    for (const server of compared) await warmUp(server.targetOf(shape), 2_000);
    const comparison = await compare(compared, shape, { connections, rounds, seconds });
    printComparison(shape.name, connections, comparison);
    lines.push(...throughput(shape, comparison));
    if (shape === largeShape) lines.push(...cached(comparison));
    else lines.push(...(await halfRate(servers, comparison, rounds)));
  }
  return lines;
}

function throughput(shape: Shape, comparison: Comparison): readonly Line[] {
  const nginx = roundsOf(comparison, "nginx");
  return (["node", "bun"] as const).flatMap((kind) => {
    const rounds = roundsOf(comparison, kind, "off");
    if (rounds.length === 0) return [];
    const reached = ratio(rounds, nginx);
    const least = leastOfNginx[kind].get(shape) ?? 0;
    const rss = Math.max(...rounds.map((round) => round.rss));
    const what = `${shape.name}, ${names[kind]}`;
    const memory = {
      what: `${what}: memory`,
      measured: `${rss.toFixed(0)} MB`,
      target: `≤ ${mostMegabytes} MB`,
      pass: rss <= mostMegabytes,
    };
    const cpu = typical(rounds, "cpu");
    const mostCpu = mostProcessor[kind].get(shape) ?? 0;
    const ofBare = ratio(rounds, roundsOf(comparison, `bare ${kind}`));
    const lines: Line[] = [
      {
        what: `${what}: requests/s`,
        measured: `${ofBare.toFixed(2)} × ${names[`bare ${kind}`]}`,
        target: `≥ ${leastOfBare}`,
        pass: ofBare >= leastOfBare,
      },
      {
        what: `${what}: processor time`,
        measured: `${cpu.toFixed(0)} µs`,
        target: `≤ ${mostCpu} µs`,
        pass: cpu <= mostCpu,
      },
      memory,
    ];
    // Nothing to compare with where nginx is not installed.
    if (nginx.length === 0) return lines;
    lines.unshift({
      what: `${what}: requests/s`,
      measured: `${reached.toFixed(3)} × nginx`,
      target: `≥ ${least}`,
      pass: reached >= least,
    });
    return lines;
  });
}

/** All documents known against none looked up. */
function cached(comparison: Comparison): readonly Line[] {
  return (["node", "bun"] as const).flatMap((kind) => {
    const reached = ratio(roundsOf(comparison, kind, "warm"), roundsOf(comparison, kind, "off"));
    if (Number.isNaN(reached)) return [];
    return [
      {
        what: `${largeShape.name}, ${names[kind]}: requests/s, all cached`,
        measured: `${reached.toFixed(2)} × uncached`,
        target: `≥ ${leastCachedRatio}`,
        pass: reached >= leastCachedRatio,
      },
    ];
  });
}

/** Through the proxy on Node.js, where it was asked, and directly, in turns, at half of the rate that was just reached. */
async function halfRate(servers: readonly Server[], comparison: Comparison, rounds: number): Promise<readonly Line[]> {
  const reached = roundsOf(comparison, "node", "off");
  if (reached.length === 0) return [];
  const rate = Math.floor(typical(reached, "requestsPerSecond") / 2);
  const asked = servers.filter(({ kind, cache }) => atHalfRate.has(kind) && (kind !== "node" || cache === "off"));
  const measured = await generate({
    targets: asked.map((server) => server.targetOf(smallShape)),
    connections: 64,
    rate,
    onOneCore: true,
    seconds: window,
    rounds: (rounds * 2) / window,
    warmUp: generatorWarmUp,
  });
  for (const [position, { kind }] of asked.entries()) printHalfRate(kind, rate, measured[position] ?? []);
  const windowsOf = (kind: Server["kind"]) => measured[asked.findIndex((server) => server.kind === kind)] ?? [];
  const [direct, gateway] = [windowsOf("direct"), windowsOf("node")];
  if (direct.length === 0 || gateway.length === 0) return [];
  return (["p50", "p99"] as const).map((figure) => {
    const milliseconds = added(gateway, direct, figure);
    return {
      what: `${smallShape.name}, ${names.node}: added ${figure} at ${rate} requests/s`,
      measured: `${milliseconds.toFixed(2)} ms`,
      target: `≤ ${mostAdded[figure]} ms`,
      pass: milliseconds <= mostAdded[figure],
    };
  });
}

/** The proxy, what its upstream alone takes, and what the runtime alone adds to that. */
const atHalfRate: ReadonlySet<Server["kind"]> = new Set(["direct", "bare node", "node"]);

/**
 * Seconds. A virtual machine may stop for ten milliseconds once a second, for reasons of its own: all that is due meanwhile waits, and in a
 * whole second that is one request in a hundred. Half of such windows have no such stop.
 */
const window = 0.25;

function printHalfRate(kind: Server["kind"], rate: number, windows: readonly Measured[]): void {
  const figures = (["p50", "p90", "p99"] as const).map((figure) => [
    `${figure} ms`,
    spread(
      windows.map((measured) => measured[figure]),
      2,
    ),
  ]);
  printRow({ server: names[kind], "requests/s": String(rate), ...Object.fromEntries(figures) });
}
