import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("worker-process.ts", import.meta.url));

/** A process that works on a queue, and can be mistreated. */
export interface WorkerProcess extends AsyncDisposable {
  /** The next thing that it says. @throws Error when it has ended */
  said(): Promise<unknown>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export function startWorker(...commandLine: readonly string[]): WorkerProcess {
  const child = spawn(process.execPath, ["-C", "source", program, ...commandLine], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    await ended;
  }
  return {
    async said() {
      const line = await lines.next();
      if (line.done === true) throw new Error("the worker has ended");
      return JSON.parse(line.value);
    },
    kill,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    [Symbol.asyncDispose]: kill,
  };
}
