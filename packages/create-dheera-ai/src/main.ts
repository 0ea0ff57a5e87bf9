import { create } from "./create.ts";

const stop = new AbortController();
// Only once: a second signal ends the process at once, as people expect of a second ctrl-c.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

// Nothing can be drawn on a terminal that reports no width.
const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && process.stdout.columns > 0;

process.exitCode = await create(process.argv.slice(2), {
  cwd: process.cwd(),
  environment: process.env,
  isInteractive: isTerminal && !process.env["CI"],
  print: (text) => void process.stdout.write(text),
  printError: (text) => void process.stderr.write(text),
  stop: stop.signal,
});
