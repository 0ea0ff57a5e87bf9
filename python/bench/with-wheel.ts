/**
 * Runs `bench.py` with the wheel that was built, in a virtual environment of its own.
 *
 *     pnpm bench:python
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pythonOf, systemPython } from "../python-tools.ts";

const folder = await mkdtemp(join(tmpdir(), "dheera-python-bench-"));
try {
  const dist = join(import.meta.dirname, "../dist");
  const wheel = (await readdir(dist)).find((file) => file.endsWith(".whl")) ?? "";
  run(systemPython, ["-m", "venv", folder]);
  run(pythonOf(folder), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", join(dist, wheel)]);
  run(pythonOf(folder), [join(import.meta.dirname, "bench.py")]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, {
    stdio: "inherit",
    env: { ...process.env, BENCH_NODE: process.execPath },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}`);
}
