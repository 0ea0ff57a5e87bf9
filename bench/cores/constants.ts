import { readFileSync, readdirSync } from "node:fs";
import { type Socket, connect } from "node:net";
import { once } from "node:events";
import { loadavg } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";

import { openConnection } from "../../test/support/raw-connection.ts";
import { type RedisServer, startRedisServer } from "../../test/support/redis-server.ts";
import { largeShape, proxyBody, smallShape } from "../proxy/load/shapes.ts";
import type { Listening } from "../proxy/processes.ts";
import { printMissing } from "../proxy/programs.ts";
import { modelName, type Runtime } from "../proxy/servers/gateway.ts";
import { startStub } from "../proxy/servers/upstream.ts";
import { printRow } from "../proxy/table.ts";
import { ask } from "./ask.ts";
import { callerKey, inWords, startContender } from "./contenders.ts";
import { cpuMilliseconds, processesOf } from "./process-tree.ts";

/**
 * What the model of capacity is made of beside processor time: `node -C source bench/cores/constants.ts [--runtime node]
 * [--requests 3000] [--idle-connections 2000]`. Memory of the first process and of a worker, of a connection that nobody uses, open
 * files, what a new connection costs the first process, and what Redis is asked for each request by what is configured, by its own
 * count of commands and of the microseconds that it worked.
 */
const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "node" },
    requests: { type: "string", default: "3000" },
    "idle-connections": { type: "string", default: "2000" },
  },
});
const runtime: Runtime = values.runtime === "bun" ? "bun" : "node";
const requests = Number(values.requests);
const connections = 16;

printMissing("nginx");
console.log(`${runtime} ${process.version}, load ${loadavg()[0]?.toFixed(1)}`);
await using upstream = await startStub([smallShape, largeShape]);
await using redis = await startRedisServer("--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru");
await measureProcesses();
await measureConnections();
for (const setting of ["redis limits", "redis"] as const) {
  await using proxy = await startContender({
    setting,
    workers: 2,
    upstream: upstream.url,
    redis: redis.url,
    runtime,
    environment: {},
  });
  for (const shape of [smallShape, largeShape]) await measureRedis(proxy, inWords[setting], shape);
}

async function measureProcesses(): Promise<void> {
  const contending = { setting: "plain", upstream: upstream.url, redis: redis.url, runtime, environment: {} } as const;
  await using proxy = await startContender({ ...contending, workers: 2 });
  const [first = 0, ...workers] = processesOf(proxy.pid);
  printMemory("first process, at the start", [first]);
  printMemory("each worker, at the start", workers);
  await askFor(proxy, smallShape, requests);
  printMemory(`each worker, after ${requests} small requests`, workers);
  await askFor(proxy, largeShape, requests);
  printMemory(`each worker, after ${requests} large requests more`, workers);
  printMemory("first process, after these", [first]);
}

/** Of processes that have nothing else to do or to tidy up. */
async function measureConnections(): Promise<void> {
  const contending = { setting: "plain", upstream: upstream.url, redis: redis.url, runtime, environment: {} } as const;
  await using proxy = await startContender({ ...contending, workers: 2 });
  const [first = 0, ...workers] = processesOf(proxy.pid);
  await wait(5_000);
  const before = sum(workers.map(proportionalKilobytes));
  const cpu = cpuMilliseconds(first);
  const idle = await openIdle(proxy, Number(values["idle-connections"]));
  await wait(1_000);
  const [after, cpuAfter] = [sum(workers.map(proportionalKilobytes)), cpuMilliseconds(first)];
  printRow({
    "connections that nobody uses": String(idle.length),
    "kB of a worker for each": ((after - before) / idle.length).toFixed(1),
    "CPU µs of the first process for each": (((cpuAfter - cpu) / idle.length) * 1_000).toFixed(0),
    "open files of each worker": workers.map(openFiles).join(", "),
  });
  for (const socket of idle) socket.destroy();
}

function printMemory(what: string, processes: readonly number[]): void {
  const each = (of: (pid: number) => number): string => (sum(processes.map(of)) / processes.length).toFixed(0);
  printRow({
    process: what,
    "MB of its own and its part of what is shared": each((pid) => proportionalKilobytes(pid) / 1_024),
    "open files": each(openFiles),
  });
}

async function openIdle({ url }: Listening, count: number): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += 50) {
    const some = Array.from({ length: Math.min(50, count - opened) }, () => connect(Number(port), hostname));
    await Promise.all(some.map((socket) => once(socket, "connect")));
    sockets.push(...some);
  }
  return sockets;
}

async function measureRedis(proxy: Listening, what: string, shape: typeof smallShape): Promise<void> {
  await askFor(proxy, shape, 200);
  const before = await statsOf(redis);
  const asked = await askFor(proxy, shape, requests);
  await wait(500);
  const after = await statsOf(redis);
  const grown = (name: string, of: keyof Stat): number => (after.get(name)?.[of] ?? 0) - (before.get(name)?.[of] ?? 0);
  const used = (command: string): string => {
    const [calls, time] = [grown(command, "calls"), grown(command, "microseconds")];
    return calls === 0 ? "" : `${(calls / asked).toFixed(2)} (${(time / calls).toFixed(1)} µs each)`;
  };
  printRow({
    configured: what,
    shape: shape.name,
    "scripts a request": used("evalsha"),
    "mget a request": used("mget"),
    "set a request": used("set"),
    "bytes to Redis a request": (grown("bytes in", "calls") / asked).toFixed(0),
    "CPU µs of Redis a request": (grown("cpu", "microseconds") / asked).toFixed(1),
  });
}

/** Since the start of Redis. */
interface Stat {
  readonly calls: number;
  readonly microseconds: number;
}

/** What Redis says of each command since its start, of the bytes that it read, and of its processor time. */
async function statsOf({ url }: RedisServer): Promise<ReadonlyMap<string, Stat>> {
  const connection = await openConnection(url);
  connection.say("INFO everything\r\nPING\r\n");
  const heard = await connection.hear("+PONG");
  connection.close();
  const stats = new Map<string, Stat>();
  for (const [, command = "", calls, time] of heard.matchAll(/cmdstat_([a-z]+):calls=(\d+),usec=(\d+)/g))
    stats.set(command, { calls: Number(calls), microseconds: Number(time) });
  const one = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(heard)?.[1]);
  stats.set("bytes in", { calls: one("total_net_input_bytes"), microseconds: 0 });
  stats.set("cpu", { calls: 0, microseconds: (one("used_cpu_user") + one("used_cpu_sys")) * 1e6 });
  return stats;
}

/** @returns how many were answered */
async function askFor({ url }: Listening, shape: typeof smallShape, count: number): Promise<number> {
  const order = {
    url: `${url}/rerank`,
    key: callerKey,
    body: proxyBody(shape, modelName(shape)),
    connections,
    keeps: true,
  };
  let answered = 0;
  while (answered < count) answered += (await ask({ ...order, seconds: 2 })).requests;
  return answered;
}

/** Memory of its own, and its part of what processes share. */
function proportionalKilobytes(pid: number): number {
  return Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
