import { execFile } from "node:child_process";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { pythonOf, systemPython } from "../../python/python-tools.ts";
import { root } from "../../release/packages.ts";

const run = promisify(execFile);

/** A virtual environment with the wheel, on a machine where no Node.js can be found. */
export interface CleanEnvironment {
  readonly python: string;
  readonly variables: NodeJS.ProcessEnv;
}

/**
 * Builds the wheel and installs it, with its extras and what its tests need, into a new virtual environment.
 * @param folder an empty one
 */
export async function prepareCleanEnvironment(folder: string): Promise<CleanEnvironment> {
  await run(process.execPath, [join(root, "python/build.ts")], { maxBuffer: 10_000_000 });
  const [wheel = "", ...others] = (await readdir(join(root, "python/dist"))).filter((file) => file.endsWith(".whl"));
  if (others.length > 0) throw new Error(`python/dist has more than one wheel: ${[wheel, ...others].join(", ")}`);
  const environment = join(folder, "environment");
  const python = pythonOf(environment);
  await run(systemPython, ["-m", "venv", environment]);
  const wanted = [`${join(root, "python/dist", wheel)}[langchain,llama-index,haystack]`];
  const tools = ["-r", join(root, "python/requirements-test.txt")];
  // What is imported is compiled then, which is little of it.
  await run(
    python,
    ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", ...wanted, ...tools],
    {
      maxBuffer: 10_000_000,
    },
  );
  const home = join(folder, "home");
  await mkdir(home);
  const path = await pathWithoutNode(join(folder, "programs"));
  return {
    python,
    // Nothing of this machine's own: no key, no address, no cache.
    variables: { PATH: [join(environment, "bin"), path].join(delimiter), HOME: home, LANG: "C.UTF-8" },
  };
}

const nodePrograms = new Set(["node", "nodejs", "npm", "npx", "bun", "bunx", "pnpm", "deno", "corepack"]);

/** A folder with links to every program of the PATH but Node.js and its like. */
async function pathWithoutNode(folder: string): Promise<string> {
  await mkdir(folder);
  const linked = new Set<string>(nodePrograms);
  for (const place of (process.env["PATH"] ?? "").split(delimiter)) {
    // Nothing of this repository's tools.
    if (place === "" || place.includes("node_modules")) continue;
    for (const name of await readdir(place).catch(() => [])) {
      if (linked.has(name)) continue;
      linked.add(name);
      await symlink(join(place, name), join(folder, name));
    }
  }
  return folder;
}
