import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Processes that work on the same batches. */
export interface Crew extends AsyncDisposable {
  /** Kills one as `kill -9` does, and starts another in its place. Resolves when the first is dead. */
  replaceOne(): Promise<void>;
  /** Those that run now. */
  pids(): readonly number[];
  /** What they complained of. */
  readonly complaints: readonly string[];
}

const program = fileURLToPath(new URL("worker-process.ts", import.meta.url));

export async function startCrew(size: number, commandLine: readonly string[]): Promise<Crew> {
  const complaints: string[] = [];
  const running = new Set<ChildProcess>();
  const start = (): Promise<ChildProcess> => startWorker(commandLine, running, complaints);
  const workers = await Promise.all(Array.from({ length: size }, start));
  const places = workers.map((worker) => Promise.resolve(worker));
  let turn = 0;
  return {
    complaints,
    replaceOne: async () => {
      const place = turn++ % size;
      // It may not have come up, which it complained of.
      await kill(await places[place]?.catch(() => undefined));
      const next = start();
      next.catch((error: unknown) => complaints.push(String(error)));
      places[place] = next;
    },
    pids: () => [...running].flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(places);
      await Promise.all([...running].map(kill));
    },
  };
}

async function startWorker(
  commandLine: readonly string[],
  running: Set<ChildProcess>,
  complaints: string[],
): Promise<ChildProcess> {
  const worker = spawn(process.execPath, ["-C", "source", program, ...commandLine], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const leaveNothingBehind = (): void => void worker.kill("SIGKILL");
  process.once("exit", leaveNothingBehind);
  running.add(worker);
  worker.once("exit", () => {
    process.off("exit", leaveNothingBehind);
    running.delete(worker);
  });
  worker.stderr.setEncoding("utf8").on("data", (said: string) => complaints.push(said));
  const ended = once(worker, "exit").then(() => {
    throw new Error(`a worker ended before it worked:\n${complaints.join("")}`);
  });
  ended.catch(() => undefined);
  await Promise.race([once(worker.stdout, "data"), ended]);
  worker.stdout.resume();
  return worker;
}

async function kill(worker: ChildProcess | undefined): Promise<void> {
  if (!worker || worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, "exit");
  worker.kill("SIGKILL");
  await ended;
}
