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

/** Starts `dheera_ai` from its source as a process of its own, which the test may kill. */
export function startCommandLine(
  args: readonly string[],
  launch: Launch = {},
): { kill(): void; readonly outcome: Promise<Outcome> } {
  const child = launchProcess(args, launch);
  return { kill: () => void child.kill("SIGKILL"), outcome: collect(child) };
}

/** A `dheera_ai` that keeps running. */
export interface Running extends AsyncDisposable {
  /** The first line it printed. */
  readonly announcement: string;
  /** The address in it. */
  readonly url: string;
  /** Resolves when standard error matches from now on. */
  printedError(pattern: RegExp): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

/** Starts a proxy and waits for the first line it prints. Throws with its error when it ends before that. */
export async function startProxy(args: readonly string[], launch: Launch = {}): Promise<Running> {
  const child = launchProcess(args, launch);
  const outcome = collect(child);
  const [, announcement = ""] = await Promise.race([seen(child.stdout, /^(.*)\n/), ended(outcome)]);
  const stop = (signal: NodeJS.Signals = "SIGTERM"): Promise<Outcome> => {
    child.kill(signal);
    return outcome;
  };
  return {
    announcement,
    printedError: async (pattern) => void (await seen(child.stderr, pattern)),
    url: announcement.replace(/^RUNNING on /, ""),
    signal: (signal) => void child.kill(signal),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop("SIGKILL")),
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

async function collect(child: Child): Promise<Outcome> {
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}

async function ended(outcome: Promise<Outcome>): Promise<never> {
  const { code, stderr } = await outcome;
  throw new Error(`the proxy ended with ${code} before it served: ${stderr}`);
}

/** Resolves with the match as soon as the output matches; never when it ends without. */
function seen(output: Readable, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve) => {
    let all = "";
    output.on("data", (chunk: Buffer) => {
      all += chunk.toString();
      const match = pattern.exec(all);
      if (match) resolve(match);
    });
  });
}

function launchProcess(args: readonly string[], { input = "", environment = {}, folder }: Launch): Child {
  const child = spawn(process.execPath, ["-C", "source", main, ...args], {
    // None of the machine's own settings, because a token in the environment must not decide a test.
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...environment },
    cwd: folder,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that needs no input may have ended before its input is written.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return child;
}
