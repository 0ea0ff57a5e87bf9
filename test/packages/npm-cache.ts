import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Lets another npm cache have what this machine's has downloaded: that is known by its hash. What npx has run is known
 * by its name, and stays apart, because it may be of an earlier build.
 * @param cache a folder that is there
 */
export async function shareDownloads(cache: string): Promise<void> {
  const { stdout } = await promisify(execFile)("npm", ["config", "get", "cache"], { cwd: cache });
  const usual = join(stdout.trim(), "_cacache");
  await mkdir(usual, { recursive: true });
  await symlink(usual, join(cache, "_cacache"));
}
