import cluster from "node:cluster";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { countForWorkers } from "../../apps/proxy/src/server/workers/count-for-workers.ts";
import { median } from "../proxy/median.ts";
import { printRow } from "../proxy/table.ts";
import { cpuMilliseconds } from "./process-tree.ts";

/**
 * What counting for workers costs the first process and them, without Redis: `node -C source bench/cores/counting.ts
 * [--workers 2] [--seconds 2] [--rounds 5]`. Workers ask as often as they are answered, so many at a time; nothing else is done.
 */
const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "2" },
    seconds: { type: "string", default: "2" },
    rounds: { type: "string", default: "5" },
  },
});
const program = fileURLToPath(new URL("./counting-worker.ts", import.meta.url));
const countFor = countForWorkers();

for (const atOneTime of [1, 4, 16]) {
  cluster.setupPrimary({ exec: program, args: [String(atOneTime)], execArgv: ["-C", "source"] });
  const workers = Array.from({ length: Number(values.workers) }, () => cluster.fork());
  for (const worker of workers) countFor(worker);
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const rounds: { readonly perSecond: number; readonly first: number; readonly worker: number }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const [takes, own, theirs] = [await total(workers), cpuMilliseconds(process.pid), cpuOf(workers)];
    await wait(Number(values.seconds) * 1_000);
    const taken = (await total(workers)) - takes;
    rounds.push({
      perSecond: taken / Number(values.seconds),
      first: ((cpuMilliseconds(process.pid) - own) / taken) * 1_000,
      worker: ((cpuOf(workers) - theirs) / taken) * 1_000,
    });
  }
  const typical = (of: "perSecond" | "first" | "worker"): number => median(rounds.map((round) => round[of]));
  printRow({
    workers: values.workers,
    "counts at one time, of each": String(atOneTime),
    "counts a second": typical("perSecond").toFixed(0),
    "CPU µs a count, first process": typical("first").toFixed(1),
    "least of it": Math.min(...rounds.map(({ first }) => first)).toFixed(1),
    "CPU µs a count, worker": typical("worker").toFixed(1),
  });
  for (const worker of workers) worker.kill("SIGKILL");
  await Promise.all(workers.map((worker) => once(worker, "exit")));
}

/** Counts that these workers have had answered. */
async function total(workers: readonly Worker[]): Promise<number> {
  const answers = workers.map(async (worker) => {
    const answered = new Promise<number>((resolve) => {
      const read = (message: unknown): void => {
        if (typeof message !== "number") return;
        worker.off("message", read);
        resolve(message);
      };
      worker.on("message", read);
    });
    worker.send("how many?");
    return answered;
  });
  return (await Promise.all(answers)).reduce((sum, one) => sum + one, 0);
}

function cpuOf(workers: readonly Worker[]): number {
  return workers.reduce((sum, { process: { pid } }) => sum + cpuMilliseconds(pid ?? 0), 0);
}

type Worker = ReturnType<typeof cluster.fork>;
