import { lstat, readdir, stat } from "node:fs/promises";
import { dirname, parse, relative, resolve, sep } from "node:path";

import { UsageError } from "../errors.ts";
import { checkFolderName } from "./names.ts";

/** The folder to write into, as it is now. */
export interface Target {
  readonly path: string;
  readonly exists: boolean;
  /** What is in it, without what says nothing of its use. */
  readonly entries: readonly string[];
}

/**
 * @param folder relative to `cwd`, or absolute
 * @throws UsageError for a name that some systems cannot have, a file in the way, or a path that cannot be read
 */
export async function lookAtFolder(folder: string, cwd: string): Promise<Target> {
  if (folder.trim() === "") throw new UsageError('[folder] is empty; name one, or "." for this one');
  if (/^~([\\/]|$)/.test(folder))
    throw new UsageError(
      `${folder} would be a folder named ~, because no shell has read it; write your home folder out`,
    );
  const path = resolve(cwd, folder);
  const ancestor = await nearestThere(path);
  for (const name of relative(ancestor, path).split(sep)) if (name !== "") checkFolderName(name);
  if (!(await isFolder(ancestor))) throw new UsageError(`${ancestor} is a file; name another folder`);
  if (ancestor !== path) return { path, exists: false, entries: [] };
  const entries = await readdir(path).catch((error: Error) => {
    throw new UsageError(`${path} cannot be read: ${error.message}`);
  });
  return { path, exists: true, entries: entries.filter((name) => !saysNothing.has(name)).toSorted() };
}

/** A repository that was just made is empty, and so is a folder that some program has looked at. */
const saysNothing: ReadonlySet<string> = new Set([".git", ".idea", ".vscode", ".DS_Store", "Thumbs.db"]);

async function nearestThere(path: string): Promise<string> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  return isThere || path === parse(path).root ? path : nearestThere(dirname(path));
}

/** Also through a link. */
function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
