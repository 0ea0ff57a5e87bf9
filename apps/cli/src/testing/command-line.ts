import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Launch {
  /** What is piped in; nothing when absent. */
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dheera_ai` from its source as a process of its own, to its end. */
export async function runCommandLine(args: readonly string[], launch: Launch = {}): Promise<Outcome> {
  const child = launchProcess(args, launch);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
  return { code, stdout, stderr };
}

/** A `dheera_ai` that keeps running. */
export interface Running {
  /** The first line it printed. */
  readonly announcement: string;
  /** The address in it. */
  readonly url: string;
  /** Sends a signal; gives the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a proxy and waits for the first line it prints. Throws with its complaint when it ends before that. */
export async function startProxy(args: readonly string[], launch: Launch = {}): Promise<Running> {
  const child = launchProcess(args, launch);
  const complaint = text(child.stderr);
  const ended = exitOf(child);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value: announcement } = await lines.next();
  if (typeof announcement !== "string") throw new Error(`the proxy ended before it served: ${await complaint}`);
  const stop = (signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return {
    announcement,
    url: announcement.replace(/^RUNNING on /, ""),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop("SIGKILL")),
  };
}

function launchProcess(
  args: readonly string[],
  { input = "", environment = {}, folder }: Launch,
): ChildProcessByStdio<Writable, Readable, Readable> {
  const child = spawn(process.execPath, ["-C", "source", main, ...args], {
    // Nothing of the machine's own settings: a token in the environment must not decide a test.
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...environment },
    cwd: folder,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that needs no input may be gone before it is written.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return child;
}

async function exitOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  await once(child, "close");
  return child.exitCode;
}
