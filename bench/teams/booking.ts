import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { startPostgresqlServer } from "../../test/support/postgresql-server.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { endWithUs } from "../proxy/processes.ts";
import { median } from "../proxy/median.ts";
import { printRow } from "../proxy/table.ts";

/**
 * What taking room in two budgets and booking cost a process, without the requests around it: `node -C source bench/teams/booking.ts
 * [--rounds 10] [--seconds 2] [--rate 1000] [--keys 1]`. A process for each database, which take turns: each does nothing for a while, then books
 * so many answers a second, of which the last are booked within half a second. From the processor time of all its threads is taken what one without a database needs for the same loop.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    /** Of each process in each round. */
    seconds: { type: "string", default: "2" },
    /** Answers a second. */
    rate: { type: "string", default: "1000" },
    /** That are used in turns, each of a team of its own. */
    keys: { type: "string", default: "1" },
    /** The names of some of them, separated by commas. */
    only: { type: "string" },
    /** Options of Node.js for the processes. */
    node: { type: "string", multiple: true, default: [] },
  },
});
const [rounds = 1, seconds = 1, rate = 1] = [values.rounds, values.seconds, values.rate].map(Number);
const idleSeconds = 2;

interface Contender {
  readonly name: string;
  readonly child: ChildProcess;
  /** Milliseconds of processor time a second without a request. */
  readonly idle: number[];
  /** The same with requests. */
  readonly busy: number[];
}

await using folder = await createFolder();
await using postgresql = await startPostgresqlServer();
const wanted = values.only?.split(",");
const kinds = [
  { name: "none", settings: undefined },
  { name: "SQLite", settings: { database_url: `sqlite:${join(folder.path, "with-logs.db")}` } },
  {
    name: "SQLite without spend logs",
    settings: { database_url: `sqlite:${join(folder.path, "without.db")}`, disable_spend_logs: true },
  },
  { name: "PostgreSQL", settings: { database_url: await postgresql.createDatabase() } },
  {
    name: "PostgreSQL without spend logs",
    settings: { database_url: await postgresql.createDatabase(), disable_spend_logs: true },
  },
].filter(({ name }) => name === "none" || (wanted?.includes(name) ?? true));
const contenders: Contender[] = [];
for (const { name, settings } of kinds) {
  const child = fork(
    join(import.meta.dirname, "booking-process.ts"),
    [JSON.stringify({ ...settings, keys: Number(values.keys) }), folder.path],
    {
      execArgv: ["-C", "source", ...values.node],
    },
  );
  endWithUs(child);
  await once(child, "message");
  contenders.push({ name, child, idle: [], busy: [] });
}
for (const { child } of contenders) await measure(child, 2, rate);
for (let round = 0; round < rounds; round++)
  for (const { child, idle, busy } of contenders) {
    idle.push(await measure(child, idleSeconds, 0));
    busy.push(await measure(child, seconds, rate));
  }
const [yardstick] = contenders;
const leastOfNone = Math.min(...(yardstick?.busy ?? []));
for (const { name, idle, busy, child } of contenders) {
  const answers = busy.map((own, round) => ((own - (yardstick?.busy[round] ?? 0)) / rate) * 1000);
  // Whatever else the machine does only adds to a figure.
  printRow({
    database: name,
    "CPU ms a second, idle: least": Math.min(...idle).toFixed(2),
    median: median(idle).toFixed(2),
    "CPU µs an answer, all told: least": (((Math.min(...busy) - leastOfNone) / rate) * 1000).toFixed(1),
    "median of all": median(answers).toFixed(1),
  });
  const ended = once(child, "exit");
  child.send("end");
  await ended;
}

/** @returns milliseconds of processor time a second */
async function measure(child: ChildProcess, time: number, perSecond: number): Promise<number> {
  const answered = once(child, "message");
  child.send({ seconds: time, rate: perSecond });
  const [used]: unknown[] = await answered;
  return Number(used) / time;
}
