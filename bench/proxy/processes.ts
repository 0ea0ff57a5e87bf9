import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { constants } from "node:os";
import { text } from "node:stream/consumers";

/** A process of its own that listens on a loopback port. */
export interface Listening extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds between two looks whether it answers; default 5. */
  readonly lookEvery?: number;
  /** Whether what it says of errors is kept from the terminal. */
  readonly quiet?: boolean;
  /** Whether the program serves; by default whether it answers HTTP at all. */
  readonly isReady?: (url: string) => Promise<boolean>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Starts a program and waits until it answers on its port. */
export async function start(
  command: string,
  args: readonly string[],
  port: number,
  options: StartOptions = {},
): Promise<Listening> {
  const { environment, isReady = answers, lookEvery = 5, quiet = false } = options;
  const child = spawn(command, args, {
    stdio: ["ignore", "ignore", quiet ? "ignore" : "inherit"],
    env: { ...process.env, ...environment },
  });
  endWithUs(child);
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([until(() => isReady(url), lookEvery, child), endedEarly(exited, command)]);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** Runs a program to its end. @returns what it printed. @throws Error when it fails */
export async function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...environment } });
  endWithUs(child);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
  return output;
}

const started = new Set<Pick<ChildProcess, "kill">>();

/** However this program ends, the other does not outlive it. */
export function endWithUs(child: Pick<ChildProcess, "kill" | "once">): void {
  if (!isWatched) watchOurEnd();
  started.add(child);
  child.once("exit", () => started.delete(child));
}

let isWatched = false;

function watchOurEnd(): void {
  isWatched = true;
  process.once("exit", () => {
    for (const child of started) child.kill("SIGTERM");
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

async function endedEarly(exited: Promise<unknown[]>, command: string): Promise<never> {
  const [reason] = await exited;
  throw new Error(`${command} ended before it listened: ${String(reason)}`);
}

async function until(isReady: () => Promise<boolean>, milliseconds: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && !(await isReady()))
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  }
}
