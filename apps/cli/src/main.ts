import { text } from "node:stream/consumers";

import packageJson from "../package.json" with { type: "json" };

const args = process.argv.slice(2);

// Answered before anything else is loaded: tools ask for it often.
if (args.length === 1 && ["--version", "-v"].includes(args[0] ?? "")) {
  process.stdout.write(`dheera_ai ${packageJson.version}\n`);
} else {
  await runHere();
}

/** The only place that knows the process: hands it on as values, and gives the exit code back. */
async function runHere(): Promise<void> {
  const { run } = await import("./run.ts");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Only once: a second signal ends the process at once, as people expect of a second ctrl-c.
    process.once(signal, () => stop.abort(new Error(`${signal} received`)));
  }
  process.stdout.on("error", leaveQuietlyWhenNobodyReads);
  // A server goes on when nobody reads its complaints; complaining of that would never end.
  process.stderr.on("error", () => {});
  const code = await run(args, {
    environment: process.env,
    input: { interactive: process.stdin.isTTY === true, read: () => text(process.stdin) },
    output: {
      interactive: process.stdout.isTTY === true,
      color: process.stdout.isTTY === true && process.stdout.hasColors(),
      // Some terminals say 0.
      width: process.stdout.columns || 80,
      print: (line) => void process.stdout.write(`${line}\n`),
    },
    complain: (line) => void process.stderr.write(`${line}\n`),
    stop: stop.signal,
    version: packageJson.version,
  });
  // Through the end of standard output, which is asynchronous on pipes.
  process.stdout.write("", () => process.exit(code));
}

/** `dheera_ai … | head` closes our output early; that is no failure. */
function leaveQuietlyWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}
