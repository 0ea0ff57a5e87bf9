import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";

import { openTeams } from "@dheera-ai/teams";

import { hashKey } from "../../apps/proxy/src/access/hash-key.ts";
import { startPostgresqlServer } from "../../test/support/postgresql-server.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { printLines } from "../dispatch/line.ts";
import { generate } from "../proxy/load/generate.ts";
import { largeShape, proxyBody, smallShape } from "../proxy/load/shapes.ts";
import { median } from "../proxy/median.ts";
import type { Listening } from "../proxy/processes.ts";
import { masterKey, startWith } from "../proxy/servers/gateway.ts";
import { printRow } from "../proxy/table.ts";
import { cpuMicroseconds } from "../proxy/usage.ts";
import { startReplica } from "../dispatch/replica.ts";

/**
 * What a database of keys costs each request: `node -C source bench/teams/speed.ts [--starts 4] [--rounds 4] [--seconds 2]
 * [--shape small|large] [--rate REQUESTS_A_SECOND] [--apart]`.
 * Built proxies with keys in the file (twice, which tells how much chance there is), in SQLite and in PostgreSQL, each with a row for
 * every answer and without, take turns within each round, each round begun by another, under the same load: as many requests as are
 * answered, or with `--rate` so many a second, which leaves each proxy the same neighbours, however fast it is. All of them are started
 * anew `--starts` times, because two processes of one program differ by more than the rounds of one. With `--apart` the proxies have the
 * first core for themselves, and PostgreSQL, who asks and who answers them the others, as where the database is on another machine. The keys of the databases
 * belong to a team; both have budgets and the model has a price, so that each request takes room in two budgets and is booked. Processor
 * time is the proxy's alone: SQLite is in its process, PostgreSQL is not. What the proxy does for the database all the time counts while it
 * is asked; that of the time in which load starts and the last answers are booked is taken off, as it was measured in the same round.
 * Ratios are computed within each round. Exits with 1 beyond the goal.
 */
const { values } = parseArgs({
  options: {
    starts: { type: "string", default: "4" },
    /** Of each start. */
    rounds: { type: "string", default: "4" },
    /** Of each proxy in each round. */
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "16" },
    shape: { type: "string", default: "small" },
    rate: { type: "string" },
    apart: { type: "boolean", default: false },
  },
});
const { starts, rounds, seconds, connections } = {
  starts: Number(values.starts),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
};
const shape = values.shape === "large" ? largeShape : smallShape;
/** More processor time than with keys in the file, as a factor. */
const goal = 1.05;
/** Seconds of each round in which nobody asks. */
const idleSeconds = 2;

interface Contender {
  readonly name: string;
  readonly proxy: Listening;
  readonly key: string;
  readonly measured: Measured;
}

/** Of one name, by round, whichever of its proxies was asked. */
interface Measured {
  /** Microseconds of processor time a request. */
  readonly cpu: number[];
  /** Milliseconds of processor time a second without requests. */
  readonly idle: number[];
  readonly perSecond: number[];
}

// What is started from here on inherits it.
if (values.apart) pin(process.pid, `1-${availableParallelism() - 1}`);
await using upstream = await startReplica({ microsecondsPerToken: 0 });
await using postgresql = await startPostgresqlServer();
const all = new Map<string, Measured>();
for (let times = 0; times < starts; times++) await measureOnce();

const [yardstick] = all.values();
const lines = [];
for (const [name, { cpu, idle, perSecond }] of all) {
  const times = median(cpu.map((own, round) => own / (yardstick?.cpu[round] ?? Number.NaN)));
  printRow({
    keys: name,
    "CPU µs a request": median(cpu).toFixed(1),
    "× keys in the file": times.toFixed(3),
    "CPU ms a second, idle": median(idle).toFixed(2),
    "requests/s": median(perSecond).toFixed(0),
  });
  if (cpu !== yardstick?.cpu)
    lines.push({
      what: `${values.shape} request, ${name}: processor time, × keys in the file`,
      measured: times.toFixed(3),
      target: `≤ ${goal}`,
      pass: times <= goal,
    });
}
console.log();
printLines(lines);
if (lines.some(({ pass }) => !pass)) process.exitCode = 1;

/** Starts all proxies, and lets them take turns. */
async function measureOnce(): Promise<void> {
  await using folder = await createFolder();
  await using stack = new AsyncDisposableStack();
  const opening = { stack, folder: folder.path };
  const contenders = [
    await withFile(opening, "keys in the file"),
    await withFile(opening, "keys in the file, again"),
    await withDatabase(opening, "keys in SQLite", `sqlite:${join(folder.path, "teams.db")}`),
    await withDatabase(opening, "keys in SQLite, no spend logs", `sqlite:${join(folder.path, "sums.db")}`, true),
    await withDatabase(opening, "keys in PostgreSQL", await postgresql.createDatabase()),
    await withDatabase(opening, "keys in PostgreSQL, no spend logs", await postgresql.createDatabase(), true),
  ];
  for (const contender of contenders) await load(contender, 8, 0);
  for (let round = 0; round < rounds; round++) {
    await rest(contenders);
    // Whoever comes first after the rest has to warm up.
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const { cpu, perSecond } = await load(contender, seconds, contender.measured.idle.at(-1) ?? 0);
      contender.measured.cpu.push(cpu);
      contender.measured.perSecond.push(perSecond);
    }
  }
}

interface Opening {
  readonly stack: AsyncDisposableStack;
  readonly folder: string;
}

async function withFile({ stack }: Opening, name: string): Promise<Contender> {
  const key = "sk-in-the-file-of-the-bench";
  return contend(name, key, await start(stack, { keys: [{ name: "search", key: hashKey(key) }] }));
}

async function withDatabase(
  { stack, folder }: Opening,
  name: string,
  url: string,
  disable_spend_logs = false,
): Promise<Contender> {
  const spend_journal = join(folder, `journal-${url.length}-${String(disable_spend_logs)}`);
  const proxy = await start(stack, { database_url: url, disable_spend_logs, spend_journal });
  const silence = (): void => {};
  const teams = await openTeams(
    { database_url: url, spend_journal: "" },
    { log: { info: silence, warn: console.warn, error: console.error }, version: "bench" },
  );
  const operator = { name: "master" };
  const { team_id } = await teams.stores.teams.create(operator, { team_alias: "research", max_budget: 1_000_000 });
  const { key } = await teams.stores.keys.create(operator, { key_alias: "search", team_id, max_budget: 500_000 });
  await teams.close();
  return contend(name, key, proxy);
}

function contend(name: string, key: string, proxy: Listening): Contender {
  const measured = all.get(name) ?? { cpu: [], idle: [], perSecond: [] };
  all.set(name, measured);
  return { name, key, proxy, measured };
}

async function start(stack: AsyncDisposableStack, settings: object): Promise<Listening> {
  const proxy = stack.use(
    await startWith("node", {
      model_list: [
        {
          model_name: "bge",
          dheera_ai_params: { model: "huggingface/simulated/reranker", api_base: upstream.url },
          model_info: { input_cost_per_query: 0.00001 },
        },
      ],
      general_settings: { master_key: masterKey, ...settings },
    }),
  );
  if (values.apart) pin(proxy.pid, "0");
  return proxy;
}

/** Lets all threads of a process run on these cores alone. */
function pin(pid: number, cores: string): void {
  const { status } = spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(pid)]);
  if (status !== 0) throw new Error(`taskset did not put process ${pid} on ${cores}`);
}

async function rest(contenders: readonly Contender[]): Promise<void> {
  const before = contenders.map(({ proxy }) => cpuMicroseconds(proxy.pid) / 1000);
  const started = performance.now();
  await wait(idleSeconds * 1000);
  for (const [position, { proxy, measured }] of contenders.entries()) {
    const used = cpuMicroseconds(proxy.pid) / 1000 - (before[position] ?? 0);
    measured.idle.push((used / (performance.now() - started)) * 1000);
  }
}

/** @param idle milliseconds of processor time a second without requests */
async function load(
  { proxy, key }: Contender,
  time: number,
  idle: number,
): Promise<{ readonly cpu: number; readonly perSecond: number }> {
  const body = proxyBody(shape, "bge");
  const targets = [{ url: `${proxy.url}/rerank`, key, body, unique: true }];
  const before = cpuMicroseconds(proxy.pid) / 1000;
  const started = performance.now();
  const rate = values.rate === undefined ? {} : { rate: Number(values.rate) };
  const order = { targets, connections, seconds: time, rounds: 1, warmUp: 0, ...rate };
  const [[measured] = []] = await generate(order);
  if (!measured || measured.failures > 0) throw new Error(`requests failed: ${JSON.stringify(measured)}`);
  // What is booked in the background belongs to these requests.
  await wait(700);
  const beside = (performance.now() - started) / 1000 - time;
  const used = cpuMicroseconds(proxy.pid) / 1000 - before - beside * idle;
  return { cpu: (used / measured.requests) * 1000, perSecond: measured.requestsPerSecond };
}
