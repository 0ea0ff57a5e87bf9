import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { Terminal } from "../terminal.ts";

/**
 * Makes a git repository of the folder, with nothing committed.
 * @returns whether it did: not where the folder is in one already, nor where there is no git
 */
export async function makeRepository(path: string, { environment }: Terminal): Promise<boolean> {
  const git = (...args: readonly string[]): Promise<unknown> =>
    promisify(execFile)("git", [...args], { cwd: path, env: { ...environment } });
  const isInOne = await git("rev-parse", "--is-inside-work-tree").then(
    () => true,
    () => false,
  );
  if (isInOne) return false;
  return git("-c", "init.defaultBranch=main", "init", "--quiet").then(
    () => true,
    () => false,
  );
}
