import { readdirSync, readFileSync } from "node:fs";
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
import { startReplica } from "../dispatch/replica.ts";

/**
 * What a database of keys costs each request: `node -C source bench/teams/speed.ts [--rounds 15] [--seconds 2] [--shape small|large]
 * [--rate REQUESTS_A_SECOND]`.
 * Built proxies with keys in the file (twice, which tells how much chance there is), in SQLite and in PostgreSQL, each with a row for
 * every answer and without, take turns within each round, each round begun by another, under the same load: as many requests as are
 * answered, or with `--rate` so many a second, which leaves each proxy the same neighbours, however fast it is. The keys of the databases
 * belong to a team; both have budgets and the model has a price, so that each request takes room in two budgets and is booked. Processor
 * time is the proxy's alone: SQLite is in its process, PostgreSQL is not. What the proxy does for the database all the time counts while it
 * is asked; that of the time in which load starts and the last answers are booked is taken off, as it was measured in the same round.
 * Ratios are computed within each round. Exits with 1 beyond the goal.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    /** Of each proxy in each round. */
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "16" },
    shape: { type: "string", default: "small" },
    rate: { type: "string" },
  },
});
const [rounds, seconds = 1, connections] = [values.rounds, values.seconds, values.connections].map(Number);
const shape = values.shape === "large" ? largeShape : smallShape;
/** More processor time than with keys in the file, as a factor. */
const goal = 1.05;
/** Seconds of each round in which nobody asks. */
const idleSeconds = 2;

interface Contender {
  readonly name: string;
  readonly proxy: Listening;
  readonly key: string;
  /** Microseconds of processor time a request, by round. */
  readonly cpu: number[];
  /** Milliseconds of processor time a second without requests. */
  readonly idle: number[];
  readonly perSecond: number[];
}

await using upstream = await startReplica({ microsecondsPerToken: 0 });
await using folder = await createFolder();
await using postgresql = await startPostgresqlServer();
await using stack = new AsyncDisposableStack();
const contenders = [
  await withFile("keys in the file"),
  await withFile("keys in the file, again"),
  await withDatabase("keys in SQLite", `sqlite:${join(folder.path, "teams.db")}`),
  await withDatabase("keys in SQLite, no spend logs", `sqlite:${join(folder.path, "sums.db")}`, true),
  await withDatabase("keys in PostgreSQL", await postgresql.createDatabase()),
  await withDatabase("keys in PostgreSQL, no spend logs", await postgresql.createDatabase(), true),
];
for (const contender of contenders) await load(contender, 8, 0);
for (let round = 0; round < (rounds ?? 1); round++) {
  await rest();
  // Whoever comes first after the rest has to warm up.
  const first = round % contenders.length;
  for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
    const { cpu, perSecond } = await load(contender, seconds, contender.idle.at(-1) ?? 0);
    contender.cpu.push(cpu);
    contender.perSecond.push(perSecond);
  }
}

const [yardstick] = contenders;
const lines = [];
for (const { name, cpu, idle, perSecond } of contenders) {
  const times = median(cpu.map((own, round) => own / (yardstick?.cpu[round] ?? Number.NaN)));
  printRow({
    keys: name,
    "CPU µs a request": median(cpu).toFixed(1),
    "× keys in the file": times.toFixed(3),
    "CPU ms a second, idle": median(idle).toFixed(2),
    "requests/s": median(perSecond).toFixed(0),
  });
  if (name !== yardstick?.name)
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

async function withFile(name: string): Promise<Contender> {
  const key = "sk-in-the-file-of-the-bench";
  return contend(name, key, await start({ keys: [{ name: "search", key: hashKey(key) }] }));
}

async function withDatabase(name: string, url: string, disable_spend_logs = false): Promise<Contender> {
  const spend_journal = join(folder.path, `journal-${url.length}-${String(disable_spend_logs)}`);
  const proxy = await start({ database_url: url, disable_spend_logs, spend_journal });
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
  return { name, key, proxy, cpu: [], idle: [], perSecond: [] };
}

async function start(settings: object): Promise<Listening> {
  return stack.use(
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
}

async function rest(): Promise<void> {
  const before = contenders.map(({ proxy }) => cpuMilliseconds(proxy.pid));
  const started = performance.now();
  await wait(idleSeconds * 1000);
  for (const [position, { proxy, idle }] of contenders.entries()) {
    const used = cpuMilliseconds(proxy.pid) - (before[position] ?? 0);
    idle.push((used / (performance.now() - started)) * 1000);
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
  const before = cpuMilliseconds(proxy.pid);
  const started = performance.now();
  const rate = values.rate === undefined ? {} : { rate: Number(values.rate) };
  const order = { targets, connections: connections ?? 1, seconds: time, rounds: 1, warmUp: 0, ...rate };
  const [[measured] = []] = await generate(order);
  if (!measured || measured.failures > 0) throw new Error(`requests failed: ${JSON.stringify(measured)}`);
  // What is booked in the background belongs to these requests.
  await wait(700);
  const beside = (performance.now() - started) / 1000 - time;
  const used = cpuMilliseconds(proxy.pid) - before - beside * idle;
  return { cpu: (used / measured.requests) * 1000, perSecond: measured.requestsPerSecond };
}

/** Of all threads of a process, to the nanosecond. Linux only. */
function cpuMilliseconds(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return sum / 1e6;
}
