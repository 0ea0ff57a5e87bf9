import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { bunBinary } from "./support/bun-binary.ts";

const run = promisify(execFile);
const example = new URL("../examples/custom-provider/src/", import.meta.url);

test("the contract suite runs under node:test", async () => {
  const { stdout } = await runWith("node:test", (file) => [
    process.execPath,
    "-C",
    "source",
    "--test",
    "--test-reporter=spec",
    file,
  ]);
  expect(stdout).toMatch(/accepts scores in any order/);
  expect(stdout).toMatch(/pass \d{2}\n/);
  expect(stdout).toMatch(/fail 0\n/);
});

test("the contract suite runs under bun:test", async () => {
  const { stderr } = await runWith("bun:test", (file) => [bunBinary(), "test", "--conditions=source", file]);
  expect(stderr).toMatch(/ \d{2} pass\n/);
  expect(stderr).toMatch(/ 0 fail\n/);
});

/** Runs the example's own test of the contract with another runner's `describe` and `test`. */
async function runWith(
  runner: string,
  commandFor: (file: string) => readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), "dheera-runner-"));
  try {
    const file = join(folder, "contract.test.ts");
    const source = await readFile(new URL("index.test.ts", example), "utf8");
    const imported: Readonly<Record<string, string>> = {
      vitest: runner,
      "./index.ts": new URL("index.ts", example).href,
      "@dheera-ai/core/testing": import.meta.resolve("@dheera-ai/core/testing"),
    };
    await writeFile(
      file,
      source.replace(/from "(.+)";/g, (_, name: string) => `from ${JSON.stringify(pathOf(imported[name] ?? name))};`),
    );
    const [program = "", ...args] = commandFor(file);
    // Under a runner of its own, and not as a part of the one that runs this.
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    return await run(program, args, { cwd: folder, env: environment });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function pathOf(name: string): string {
  return name.startsWith("file:") ? fileURLToPath(name) : name;
}
