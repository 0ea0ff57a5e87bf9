import { loadavg } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";

import { startRedisServer } from "../../test/support/redis-server.ts";
import { type Line, printLines } from "../dispatch/line.ts";
import { proxyBody, smallShape, largeShape } from "../proxy/load/shapes.ts";
import { median } from "../proxy/median.ts";
import type { Listening } from "../proxy/processes.ts";
import { printMissing } from "../proxy/programs.ts";
import { modelName, type Runtime } from "../proxy/servers/gateway.ts";
import { startStub } from "../proxy/servers/upstream.ts";
import { printRow } from "../proxy/table.ts";
import { ask } from "./ask.ts";
import { type Setting, callerKey, inWords, settings, startContender } from "./contenders.ts";
import { cpuMilliseconds, processesOf } from "./process-tree.ts";

/**
 * What several workers cost a request: `node -C source bench/cores/workers.ts [--starts 3] [--rounds 4] [--seconds 2]
 * [--settings "plain,limits,redis limits,redis"] [--shapes small,large] [--connections kept,new] [--workers 1,1,2,2]
 * [--runtime node] [--rate-small 500] [--rate-large 120] [--environment NAME=VALUE]`. Built proxies with one worker and with several take
 * turns within each round, each round begun by another. Each worker gets the same number of requests a second, because a request
 * that comes alone costs a multiple of one among many; `--workers 2@1` has two workers share the rate of one. All are started anew `--starts` times. Processor time is that of all processes of a proxy together, by
 * `/proc/<pid>/task/<thread>/schedstat`; what they take without requests was measured in the same round and is taken off. Ratios are
 * computed within each round, to the first contender; a second one of the same kind says how much chance there is. Exits
 * with 1 beyond the goal.
 */
const { values } = parseArgs({
  options: {
    starts: { type: "string", default: "3" },
    /** Of each start. */
    rounds: { type: "string", default: "4" },
    /** Of each proxy in each round. */
    seconds: { type: "string", default: "2" },
    settings: { type: "string", default: "plain,limits,redis limits,redis" },
    shapes: { type: "string", default: "small,large" },
    connections: { type: "string", default: "kept,new" },
    workers: { type: "string", default: "1,1,2,2" },
    runtime: { type: "string", default: "node" },
    "rate-small": { type: "string", default: "500" },
    "rate-large": { type: "string", default: "120" },
    environment: { type: "string", multiple: true, default: [] },
  },
});
const [starts, rounds, seconds] = [Number(values.starts), Number(values.rounds), Number(values.seconds)];
const runtime: Runtime = values.runtime === "bun" ? "bun" : "node";
const environment = Object.fromEntries(values.environment.map((text) => text.split("=", 2)));
/** More processor time than with one worker, as a factor. */
const goal = 1.05;
/** Connections at one time. */
const connections = 16;
/** Of the small shape, after which V8 has optimised what it will, for each worker; the large one has 25 times the work. */
const enoughToWarmUp = { small: 20_000, large: 6_000 };
/** Seconds of each round in which nobody asks. */
const idleSeconds = 2;
/** What is done in the background for the last requests belongs to them. */
const settleMs = 300;

type ShapeName = "small" | "large";

interface Contender {
  readonly name: string;
  readonly workers: number;
  /** Its rate, × that of one worker. */
  readonly factor: number;
  readonly proxy: Listening;
}

/** Of one contender at one shape, by round. */
interface Measured {
  /** Microseconds of processor time a request: of all processes, and of the one that started the others. */
  readonly cpu: number[];
  readonly first: number[];
  /** The smallest part of the work that one worker had, as a share of an even one. */
  readonly least: number[];
  /** Milliseconds of processor time a second without requests. */
  readonly idle: number[];
}

printMissing("nginx");
const chosenSettings = settings.filter((setting) => values.settings.split(",").includes(setting));
const shapes = (["small", "large"] as const).filter((shape) => values.shapes.split(",").includes(shape));
const lines: Line[] = [];
console.log(`${runtime} ${process.version}, load ${loadavg()[0]?.toFixed(1)}`);
await using upstream = await startStub([smallShape, largeShape]);
await using redis = await startRedisServer("--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru");
for (const setting of chosenSettings) for (const shape of shapes) await compare(setting, shape);
console.log(`\nload ${loadavg()[0]?.toFixed(1)}\n`);
printLines(lines);
if (lines.some(({ pass }) => pass === false)) process.exitCode = 1;

/** All contenders with one setting at one shape, over connections of each kind. */
async function compare(setting: Setting, shape: ShapeName): Promise<void> {
  const measured = new Map<string, Measured>();
  const kinds = values.connections.split(",");
  for (let times = 0; times < starts; times++) {
    await using stack = new AsyncDisposableStack();
    const contenders: Contender[] = [];
    for (const [position, spec] of values.workers.split(",").entries()) {
      const [workers = 1, factor = workers] = spec.split("@").map(Number);
      const proxy = await startContender({
        setting,
        workers,
        upstream: upstream.url,
        redis: redis.url,
        runtime,
        environment,
      });
      contenders.push({ name: `${position} ${spec}`, workers, factor, proxy: stack.use(proxy) });
    }
    for (const { workers, proxy } of contenders) await warmUp(proxy, shape, enoughToWarmUp[shape] * workers);
    for (let round = 0; round < rounds; round++) {
      const idle = await rest(contenders);
      // Whoever comes first after the rest has to warm up.
      const first = round % contenders.length;
      for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)])
        for (const kind of kinds) {
          const name = `${kind} ${contender.name}`;
          const before = measured.get(name) ?? { cpu: [], first: [], least: [], idle: [] };
          measured.set(name, before);
          await measure(contender, shape, kind === "kept", before, idle.get(contender) ?? 0);
        }
    }
  }
  for (const kind of kinds) print(setting, shape, kind, measured);
}

async function warmUp(proxy: Listening, shape: ShapeName, enough: number): Promise<void> {
  for (let answered = 0; answered < enough;)
    answered += (await ask({ ...askingOf(proxy, shape, true), connections: 32, seconds: 3 })).requests;
}

/** @returns milliseconds of processor time a second without requests */
async function rest(contenders: readonly Contender[]): Promise<ReadonlyMap<Contender, number>> {
  const before = contenders.map(({ proxy }) => total(proxy));
  const started = performance.now();
  await wait(idleSeconds * 1_000);
  const time = (performance.now() - started) / 1_000;
  return new Map(contenders.map((one, at) => [one, (total(one.proxy) - (before[at] ?? 0)) / time]));
}

async function measure(
  { proxy, factor }: Contender,
  shape: ShapeName,
  keeps: boolean,
  measured: Measured,
  idle: number,
): Promise<void> {
  const processes = processesOf(proxy.pid);
  const before = processes.map(cpuMilliseconds);
  const started = performance.now();
  const rate = Number(values[`rate-${shape}`]) * factor;
  const { requests } = await ask({ ...askingOf(proxy, shape, keeps), seconds, rate });
  await wait(settleMs);
  const time = (performance.now() - started) / 1_000;
  const used = processes.map((pid, at) => cpuMilliseconds(pid) - (before[at] ?? 0));
  const workers = used.slice(1);
  const sum = used.reduce((all, one) => all + one, 0);
  const ofWorkers = workers.reduce((all, one) => all + one, 0);
  measured.cpu.push(((sum - time * idle) / requests) * 1_000);
  measured.first.push(((used[0] ?? 0) / requests) * 1_000);
  measured.least.push(workers.length === 0 ? 1 : (Math.min(...workers) / ofWorkers) * workers.length);
  measured.idle.push(idle);
}

function askingOf({ url }: Listening, shape: ShapeName, keeps: boolean) {
  const asked = shape === "small" ? smallShape : largeShape;
  return { url: `${url}/rerank`, key: callerKey, body: proxyBody(asked, modelName(asked)), connections, keeps };
}

function total({ pid }: Listening): number {
  return processesOf(pid).reduce((sum, one) => sum + cpuMilliseconds(one), 0);
}

function print(setting: Setting, shape: ShapeName, kind: string, all: ReadonlyMap<string, Measured>): void {
  const contenders = [...all].filter(([name]) => name.startsWith(kind));
  const [, yardstick] = contenders[0] ?? [];
  for (const [position, [name, { cpu, first, least, idle }]] of contenders.entries()) {
    const workers = name.split(" ").at(-1) ?? "";
    const ratios = cpu.map((own, round) => own / (yardstick?.cpu[round] ?? Number.NaN)).toSorted((a, b) => a - b);
    const at = (share: number): string => (ratios[Math.floor(share * ratios.length)] ?? Number.NaN).toFixed(3);
    printRow({
      limits: inWords[setting],
      shape,
      connections: kind,
      workers,
      "CPU µs a request": median(cpu).toFixed(1),
      "÷ one worker": `${at(0.5)} (${at(0.25)}–${at(0.75)})`,
      "of it in the first process": workers === "1" ? "" : median(first).toFixed(1),
      "least busy worker": least.length > 0 && workers !== "1" ? median(least).toFixed(2) : "",
      "CPU ms a second, idle": median(idle).toFixed(1),
    });
    if (position === 0) continue;
    lines.push({
      what: `${inWords[setting]}, ${shape}, ${kind} connections, ${workers} workers: processor time, × that of one`,
      measured: at(0.5),
      target: workers === "2" ? `≤ ${goal}` : "",
      ...(workers === "2" && { pass: Number(at(0.5)) <= goal }),
    });
  }
}
