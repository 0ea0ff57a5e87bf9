import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
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
  return collect(launchProcess(args, launch));
}

/** A `dheera_ai` that keeps running. */
export interface Running extends AsyncDisposable {
  /** The first line it printed. */
  readonly announcement: string;
  /** The address in it. */
  readonly url: string;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

/** Starts a proxy and waits for the first line it prints. Throws with its complaint when it ends before that. */
export async function startProxy(args: readonly string[], launch: Launch = {}): Promise<Running> {
  const child = launchProcess(args, launch);
  const outcome = collect(child);
  const announcement = await Promise.race([firstLine(child.stdout), outcome]);
  if (typeof announcement !== "string") throw new Error(`the proxy ended before it served: ${announcement.stderr}`);
  const stop = (signal: NodeJS.Signals = "SIGTERM"): Promise<Outcome> => {
    child.kill(signal);
    return outcome;
  };
  return {
    announcement,
    url: announcement.replace(/^RUNNING on /, ""),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop("SIGKILL")),
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

async function collect(child: Child): Promise<Outcome> {
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}

/** Never settles when the output ends before its first line does. */
function firstLine(output: Readable): Promise<string> {
  return new Promise((resolve) => {
    let seen = "";
    output.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      const end = seen.indexOf("\n");
      if (end !== -1) resolve(seen.slice(0, end));
    });
  });
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
