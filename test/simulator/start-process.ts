import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

const program = fileURLToPath(new URL("main.ts", import.meta.url));

/** A simulated server in a process of its own, which can be stopped as a machine that hangs. */
export interface SimulatorProcess {
  readonly url: string;
  signal(name: NodeJS.Signals): void;
}

/** It is ended with the test. @param args Those of `test/simulator/main.ts`. */
export async function startSimulatorProcess(...args: readonly string[]): Promise<SimulatorProcess> {
  const child = fork(program, [...args], { execArgv: ["-C", "source"], stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const [url] = await once(child.stdout ?? child, "data");
  return { url: String(url).trim(), signal: (name) => void child.kill(name) };
}
