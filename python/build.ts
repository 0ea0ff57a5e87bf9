/**
 * Builds the Python package from the built npm packages: its program, and in `python/dist` the source distribution and
 * the wheel, which is made from it.
 *
 *     pnpm build:python
 *
 * With `--program` the program alone, which is all that working on the Python sources needs.
 */
import { spawnSync } from "node:child_process";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { root } from "../release/packages.ts";
import { bundleProgram } from "./bundle-program.ts";
import { pythonWith } from "./python-tools.ts";

const folder = import.meta.dirname;
const dist = join(folder, "dist");

await bundleProgram(join(folder, "src/dheera_ai/_bundle"), join(folder, "THIRD_PARTY_LICENSES.txt"));
await copyFile(join(root, "LICENSE"), join(folder, "LICENSE"));
if (!process.argv.includes("--program")) {
  const python = await pythonWith("build==1.6.1", "hatchling==1.33.0");
  await rm(dist, { recursive: true, force: true });
  const { status } = spawnSync(python, ["-m", "build", "--no-isolation", "--outdir", dist, folder], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  process.exitCode = status ?? 1;
}
