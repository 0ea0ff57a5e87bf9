import { readFileSync } from "node:fs";

import * as v from "valibot";

import { type Shape, largeShape, proxyBody, smallShape, upstreamAnswer, upstreamBody } from "../proxy/load/shapes.ts";

export type ShapeName = "small" | "large";
export type RuntimeName = "node" | "bun";

const ofShapes = v.strictObject({ small: v.number(), large: v.number() });

/** What was measured, by `workers.ts`, `counting.ts`, `constants.ts`, `../admission/script-cost.ts` and `../proxy.ts`, or is configured. */
const schema = v.strictObject({
  /** Of a worker for a request over a connection that is kept, at full load. */
  cpuMicroseconds: v.strictObject({ node: ofShapes, bun: ofShapes }),
  /** Of the first process for a new connection. */
  acceptMicroseconds: v.number(),
  /** Of the first process for one count, where none or 15 others come with it. */
  countMicroseconds: v.strictObject({ alone: v.number(), many: v.number() }),
  /** Of the one thread of Redis for a request with two limits, and for its scores beside that. */
  redisMicroseconds: v.strictObject({ limits: ofShapes, scores: ofShapes }),
  /** Of the same for a beat, by the number of processes at the server. */
  beatMicroseconds: v.record(v.string(), v.number()),
  /** Of one process for one server: as a rule, and while it waits for places that others hold. */
  beatsPerSecond: v.strictObject({ usual: v.number(), contended: v.number() }),
  countsPerRequest: v.number(),
  workerMegabytes: v.strictObject({ start: v.number(), small: v.number(), large: v.number() }),
  firstMegabytes: v.number(),
  openFilesAtRest: v.number(),
  /** Of one process, to one upstream. */
  upstreamConnections: v.number(),
  /** Of one process: limits, scores, shared servers. */
  redisConnections: v.number(),
  /** Of one process: the pool and two for reports. */
  databaseConnections: v.number(),
  /** Transactions of one process that has something to book. */
  bookingsPerSecond: v.number(),
  /** Headers and the caller's answer: assumed. */
  framingBytes: v.number(),
});

export type Constants = v.InferOutput<typeof schema>;

/** @throws ValiError for a file that has others */
export function readConstants(file: string | URL): Constants {
  return v.parse(schema, JSON.parse(readFileSync(file, "utf8")));
}

/** Requests a second that each thing allows one machine, or all machines together where they share it. */
export interface Bounds {
  readonly processors: number;
  readonly network: number;
  readonly accepts: number;
  /** Counted in the first process: each count alone, and many together. */
  readonly counts: readonly [number, number];
  readonly redisLimits: number;
  readonly redisScores: number;
}

export interface Machine {
  readonly cores: number;
  readonly gigabits: number;
  readonly runtime: RuntimeName;
}

export function boundsOf(constants: Constants, { cores, gigabits, runtime }: Machine, shape: ShapeName): Bounds {
  const { cpuMicroseconds, acceptMicroseconds, countMicroseconds, countsPerRequest, redisMicroseconds } = constants;
  const { alone, many } = countMicroseconds;
  const { limits, scores } = redisMicroseconds;
  return {
    processors: (cores * 1e6) / cpuMicroseconds[runtime][shape],
    network: (gigabits * 1e9) / 8 / bytesOneWay(constants, shape),
    accepts: 1e6 / acceptMicroseconds,
    counts: [1e6 / (countsPerRequest * alone), 1e6 / (countsPerRequest * many)],
    redisLimits: 1e6 / limits[shape],
    redisScores: 1e6 / (limits[shape] + scores[shape]),
  };
}

/** The busier direction: what callers send and upstreams answer, or what goes to upstreams and back to callers. */
export function bytesOneWay({ framingBytes }: Constants, name: ShapeName): number {
  const shape: Shape = name === "small" ? smallShape : largeShape;
  const received = proxyBody(shape, "rerank").length + upstreamAnswer(shape).length + framingBytes;
  return Math.max(received, upstreamBody(shape).length + framingBytes);
}

/** The part of Redis' one thread that beats take, with so many processes at each of so many servers. */
export function redisShareOfBeats(
  { beatMicroseconds, beatsPerSecond }: Constants,
  processes: number,
  servers: number,
  how: "usual" | "contended" = "usual",
): number {
  return (processes * beatsPerSecond[how] * servers * microsecondsOfBeat(beatMicroseconds, processes)) / 1e6;
}

/** Most processes at one server with whose beats Redis does nothing else. */
export function mostProcesses(constants: Constants, how: "usual" | "contended"): number {
  let processes = 1;
  while (redisShareOfBeats(constants, processes + 1, 1, how) <= 1) processes++;
  return processes;
}

/** A line through what was measured, and beyond it: a beat looks at each process that it is told of. */
function microsecondsOfBeat(measured: Constants["beatMicroseconds"], processes: number): number {
  const points = Object.entries(measured)
    .map(([members, microseconds]) => [Number(members), microseconds] as const)
    .toSorted(([left], [right]) => left - right);
  const above = Math.max(
    1,
    points.findIndex(([members]) => members >= processes),
  );
  const [from, to] = [points.at(above === 1 ? 0 : above - 1), points.at(above === 1 ? 1 : above)];
  const [low, high] = processes > (points.at(-1)?.[0] ?? 0) ? [points.at(-2), points.at(-1)] : [from, to];
  if (!low || !high) throw new Error("beatMicroseconds needs two numbers of processes");
  return low[1] + ((high[1] - low[1]) / (high[0] - low[0])) * (processes - low[0]);
}
