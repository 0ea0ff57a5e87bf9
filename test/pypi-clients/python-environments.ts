import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { pythonOf, pythonWith, systemPython } from "../../python/python-tools.ts";
import { root } from "../../release/packages.ts";

const run = promisify(execFile);

/** It installs some hundred packages in the seconds that pip takes minutes for. */
const installer = "uv==0.13.9";

/**
 * A virtual environment for each file of `requirements/`, with exactly its packages, made where there is none yet.
 * @returns the path of the Python of each
 */
export async function pythonsWithClients(names: readonly string[]): Promise<readonly string[]> {
  const uv = await pythonWith(installer);
  return Promise.all(names.map((name) => prepare(name, uv)));
}

async function prepare(name: string, uv: string): Promise<string> {
  const requirements = join(import.meta.dirname, "requirements", `${name}.txt`);
  const contents = await readFile(requirements);
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 12);
  const folder = join(root, "node_modules/.cache/python", `${name}-${hash}`);
  const python = pythonOf(folder);
  const ready = join(folder, "ready");
  const isReady = await access(ready).then(
    () => true,
    () => false,
  );
  if (isReady) return python;
  // What an installation that was interrupted left.
  await rm(folder, { recursive: true, force: true });
  await run(uv, ["-m", "uv", "venv", "--quiet", "--python", systemPython, folder]);
  await run(uv, ["-m", "uv", "pip", "install", "--quiet", "--no-deps", "--python", python, "-r", requirements], {
    maxBuffer: 10_000_000,
  });
  await writeFile(ready, "");
  return python;
}
