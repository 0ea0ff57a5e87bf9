import { execFile } from "node:child_process";
import { access, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { root } from "../release/packages.ts";

const run = promisify(execFile);

/**
 * A virtual environment with these packages, made where there is none yet.
 * @param packages with their versions: `build==1.6.1`
 * @returns the path of its Python
 */
export async function pythonWith(...packages: readonly string[]): Promise<string> {
  const folder = join(root, "node_modules/.cache/python", packages.join("-").replaceAll("==", "-"));
  const ready = join(folder, "ready");
  const python = pythonOf(folder);
  const isReady = await access(ready).then(
    () => true,
    () => false,
  );
  if (isReady) return python;
  // What an installation that was interrupted left.
  await rm(folder, { recursive: true, force: true });
  await run(systemPython, ["-m", "venv", folder]);
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]);
  await writeFile(ready, "");
  return python;
}

export const systemPython = process.platform === "win32" ? "python" : "python3";

/** @param folder a virtual environment */
export function pythonOf(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts/python.exe") : join(folder, "bin/python");
}
