import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const lineWriter = fileURLToPath(new URL("line-writer.ts", import.meta.url));

it.each([
  { what: "ends by itself", end: "", isAbrupt: false },
  { what: "calls process.exit", end: "process.exit(0)", isAbrupt: true },
  { what: "crashes", end: "throw new Error('crash')", isAbrupt: true },
  { what: "closes it first", end: "await writer.close(); process.exit(0)", isAbrupt: false },
])("loses no line when the process $what", async ({ end, isAbrupt }) => {
  const output = await run(
    `for (let number = 0; number < 5000; number++) writer.write("line " + number + "\\n"); ${end}`,
  );
  const lines = output.trimEnd().split("\n");
  // The thread of a write that has begun may be overtaken by the writes of an abrupt end, on a busy machine.
  if (isAbrupt) lines.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
  expect(lines).toEqual(Array.from({ length: 5000 }, (_, number) => `line ${number}`));
});

it("keeps the order of lines over turns of the event loop", async () => {
  const output = await run(`for (let number = 0; number < 200; number++) {
    writer.write("line " + number + "\\n");
    await new Promise(setImmediate);
  }`);
  expect(output.trimEnd().split("\n")).toEqual(Array.from({ length: 200 }, (_, number) => `line ${number}`));
});

it("drops lines instead of filling the memory when they are not read, and counts them", async () => {
  const script = `const line = "x".repeat(1023) + "\\n";
    for (let number = 0; number < 40_000; number++) { writer.write(line); if (number % 100 === 0) await new Promise(setImmediate); }
    process.stderr.write(String(writer.dropped), () => process.kill(process.pid, "SIGKILL"));`;
  const child = start(script);
  child.stdout.pause();
  expect(Number(await text(child.stderr))).toBeGreaterThan(10_000);
});

it("does not wait for ever for a reader when it closes", async () => {
  const script = `writer.write("x".repeat(1_000_000) + "\\n"); await writer.close(); process.stderr.write("closed", () => process.kill(process.pid, "SIGKILL"));`;
  const child = start(script);
  child.stdout.pause();
  expect(await text(child.stderr)).toBe("closed");
});

/** The output of a separate process. */
function run(script: string): Promise<string> {
  const child = start(script);
  child.stderr.resume();
  return text(child.stdout);
}

function start(script: string): ReturnType<typeof spawnScript> {
  return spawnScript(
    `import { lineWriter } from ${JSON.stringify(lineWriter)}; const writer = lineWriter(1); ${script}`,
  );
}

function spawnScript(script: string) {
  return spawn(process.execPath, ["-C", "source", "--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}
