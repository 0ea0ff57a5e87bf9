import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync } from "node:fs";
import { lstat, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { NewFile } from "../choices.ts";
import { UsageError } from "../errors.ts";
import { addMissing } from "./environment-file.ts";
import type { Target } from "./look-at-folder.ts";

/** What became of the files, by path. */
export interface Written {
  readonly created: readonly string[];
  readonly replaced: readonly string[];
  /** Files with secrets that were there: what they lacked was added, and nothing of theirs is gone. */
  readonly kept: readonly string[];
}

/** Which of these files are in the folder already. */
export async function findThere(target: Target, files: readonly NewFile[]): Promise<readonly NewFile[]> {
  const there = await Promise.all(files.map(({ path }) => exists(join(target.path, path))));
  return files.filter((_, index) => there[index]);
}

/**
 * Writes all files or none: they are put beside their places first, and then moved there without a pause in which this
 * could be interrupted. A new folder appears as a whole.
 * @param signal where it is aborted before they are moved, nothing is left of them
 * @throws UsageError where something that is no file is in the way, or the place cannot be written
 */
export async function writeFiles(target: Target, files: readonly NewFile[], signal: AbortSignal): Promise<Written> {
  const there = await findThere(target, files);
  await Promise.all(there.map(({ path }) => refuseOthers(join(target.path, path), path)));
  const kept = there.filter(({ isSecret }) => isSecret);
  const stage = stageOf(target);
  const made = await mkdir(stage, { recursive: true }).catch((error: Error) => {
    throw new UsageError(`${target.path} cannot be written: ${error.message}`);
  });
  try {
    for (const file of files) {
      const text = kept.includes(file) ? addMissing(await read(target, file), file.text) : file.text;
      await mkdir(dirname(join(stage, file.path)), { recursive: true });
      await writeFile(join(stage, file.path), text, { mode: file.isSecret ? 0o600 : 0o666 });
    }
    signal.throwIfAborted();
    moveAll(stage, target, files);
  } catch (error) {
    // The first folder that was made holds all others.
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw error;
  }
  if (target.exists) await rm(stage, { recursive: true, force: true });
  const names = (some: readonly NewFile[]): readonly string[] => some.map(({ path }) => path);
  return {
    created: names(files.filter((file) => !there.includes(file))),
    replaced: names(there.filter((file) => !kept.includes(file))),
    kept: names(kept),
  };
}

/** On the same disk as the target, so that files can be moved. */
function stageOf({ path, exists: isThere }: Target): string {
  const name = `create-dheera-ai-${randomBytes(6).toString("hex")}`;
  return isThere ? join(path, `.${name}`) : join(dirname(path), `.${basename(path)}-${name}`);
}

/** Nothing else of this process runs meanwhile. */
function moveAll(stage: string, target: Target, files: readonly NewFile[]): void {
  if (!target.exists) return renameSync(stage, target.path);
  for (const { path } of files) {
    mkdirSync(dirname(join(target.path, path)), { recursive: true });
    renameSync(join(stage, path), join(target.path, path));
  }
}

async function refuseOthers(path: string, name: string): Promise<void> {
  if (!(await lstat(path)).isFile())
    throw new UsageError(`${name} in the folder is no plain file, and is not replaced; move it away first`);
}

function read({ path }: Target, file: NewFile): Promise<string> {
  return readFile(join(path, file.path), "utf8");
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
