import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { root } from "../typescript/entries.ts";

export const pythonPageFile: string = join(root, "docs/reference/python.md");

/**
 * The reference of a Python package, read from its source, of which nothing is run.
 * @throws Error naming what is public and has no description
 */
export async function pythonPage(folder: string = join(root, "python/src/dheera_ai")): Promise<string> {
  // -B: folders of the repository stay as they are.
  const args = ["-B", join(root, "python/reference/write_page.py"), folder];
  const { stdout } = await promisify(execFile)("python3", args, { encoding: "utf8", maxBuffer: 10_000_000 });
  return stdout;
}
