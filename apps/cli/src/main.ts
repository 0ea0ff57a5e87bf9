import { buffer } from "node:stream/consumers";

import packageJson from "../package.json" with { type: "json" };

const args = process.argv.slice(2);
/** When the command ends, output that is still unread is kept for its reader for this long. */
const lastWriteMs = 2_000;
/** To the first column, and away with what stands there. */
/** Of lines for a parent process that does not read them. */
const mostWaitingBytes = 1_000_000;
const eraseLine = "\r\u001B[2K";

// Printed before anything else is loaded, because tools ask for the version often.
if (args.length === 1 && ["--version", "-v"].includes(args[0] ?? "")) {
  process.stdout.write(`dheera_ai ${packageJson.version}\n`);
} else if (args.length === 1 && args[0] === "engine") {
  await runEngineProcess();
} else {
  await runProcess();
}

/** The Python package's own child process, which no person starts: no command, so that none has to be loaded. */
async function runEngineProcess(): Promise<void> {
  const { runEngine } = await import("./engine/run-engine.ts");
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort());
  // Ctrl-c in a terminal and its closing reach the parent too, which decides.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const code = await runEngine({
    environment: process.env,
    input: process.stdin,
    print: (line) => void process.stdout.write(`${line}\n`),
    // A parent that does not read gets no more than this, so that lines do not pile up here.
    printError: (line) => void (process.stderr.writableLength < mostWaitingBytes && process.stderr.write(`${line}\n`)),
    stop: stop.signal,
    version: packageJson.version,
  });
  exitWhenWritten(code);
}

/** The only function that knows the process: it passes values to `run`, and returns the exit code to the system. */
async function runProcess(): Promise<void> {
  const { run } = await import("./run.ts");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Only once: a second signal ends the process at once, as people expect of a second ctrl-c.
    process.once(signal, () => stop.abort(new Error(`${signal} received`)));
  }
  process.stdout.on("error", exitOnClosedPipe);
  // A server keeps running when standard error is closed. Reporting that there would fail again, without end.
  process.stderr.on("error", () => {});
  const code = await run(args, {
    environment: process.env,
    input: {
      interactive: process.stdin.isTTY === true,
      read: () => buffer(process.stdin),
      stream: () => process.stdin,
    },
    output: {
      interactive: process.stdout.isTTY === true,
      color: process.stdout.isTTY === true && process.stdout.hasColors(),
      // Some terminals report 0.
      width: process.stdout.columns || 80,
      print: (line) => void process.stdout.write(`${line}\n`),
      write: (bytes) => new Promise((resolve) => process.stdout.write(bytes, () => resolve())),
    },
    printError: (line) => void process.stderr.write(`${line}\n`),
    showProgress:
      process.stderr.isTTY === true
        ? (line) => void process.stderr.write(line === undefined ? eraseLine : `${eraseLine}${line}`)
        : undefined,
    ask:
      process.stdin.isTTY === true && process.stderr.isTTY === true
        ? (question) => askPerson(question, stop.signal)
        : undefined,
    stop: stop.signal,
    version: packageJson.version,
  });
  exitWhenWritten(code);
}

async function askPerson(question: string, stop: AbortSignal): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  // The terminal keeps reading lines and signals itself.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    return await Promise.race([lines.question(question, { signal: stop }), ended]);
  } finally {
    lines.close();
  }
}

/** Exits after everything is written: standard output is asynchronous on pipes. A terminal that is gone takes nothing. */
function exitWhenWritten(code: number): void {
  setTimeout(() => process.exit(code), lastWriteMs).unref();
  process.stdout.write("", () => process.exit(code));
}

/** `dheera_ai … | head` closes standard output early; that is not a failure. A server outlives its terminal (`EIO`). */
function exitOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  if (error.code !== "EIO") throw error;
}
