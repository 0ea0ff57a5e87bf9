import { buffer } from "node:stream/consumers";

import packageJson from "../package.json" with { type: "json" };

const args = process.argv.slice(2);
/** When the command ends, output that is still unread is kept for its reader for this long. */
const lastWriteMs = 2_000;
/** To the first column, and away with what stands there. */
const eraseLine = "\r\u001B[2K";

// Printed before anything else is loaded, because tools ask for the version often.
if (args.length === 1 && ["--version", "-v"].includes(args[0] ?? "")) {
  process.stdout.write(`dheera_ai ${packageJson.version}\n`);
} else {
  await runProcess();
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
    input: { interactive: process.stdin.isTTY === true, read: () => buffer(process.stdin) },
    output: {
      interactive: process.stdout.isTTY === true,
      color: process.stdout.isTTY === true && process.stdout.hasColors(),
      // Some terminals report 0.
      width: process.stdout.columns || 80,
      print: (line) => void process.stdout.write(`${line}\n`),
    },
    printError: (line) => void process.stderr.write(`${line}\n`),
    showProgress:
      process.stderr.isTTY === true
        ? (line) => void process.stderr.write(line === undefined ? eraseLine : `${eraseLine}${line}`)
        : undefined,
    stop: stop.signal,
    version: packageJson.version,
  });
  // Exits after everything is written: standard output is asynchronous on pipes. A terminal that is gone takes nothing.
  setTimeout(() => process.exit(code), lastWriteMs).unref();
  process.stdout.write("", () => process.exit(code));
}

/** `dheera_ai … | head` closes standard output early; that is not a failure. A server outlives its terminal (`EIO`). */
function exitOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  if (error.code !== "EIO") throw error;
}
