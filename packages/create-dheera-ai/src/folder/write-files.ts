import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { lstat, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { NewFile } from "../choices.ts";
import { UsageError, WriteError } from "../errors.ts";
import { addMissing } from "./environment-file.ts";
import type { Target } from "./look-at-folder.ts";

/** What became of the files, by path. */
export interface Written {
  readonly created: readonly string[];
  readonly replaced: readonly string[];
  /** Files with secrets that were there: nothing of theirs is gone. */
  readonly kept: readonly string[];
  /** Those of `kept` that lacked something, which was added. */
  readonly completed: readonly string[];
}

/**
 * Which of these files are in the folder already.
 * @throws UsageError where something that is no folder is in the place of one
 */
export async function findThere(target: Target, files: readonly NewFile[]): Promise<readonly NewFile[]> {
  for (const folder of new Set(files.flatMap(({ path }) => foldersAbove(path)))) await refuseFile(target, folder);
  const there = await Promise.all(files.map(({ path }) => exists(join(target.path, path))));
  return files.filter((_, index) => there[index]);
}

/**
 * Writes all files or none: they are put beside their places first, and then moved there without a pause in which this
 * could be interrupted. A new folder appears as a whole; in one that is there, what was moved is moved back where
 * something fails.
 * @param signal where it is aborted before they are moved, nothing is left of them
 * @throws UsageError where something else is in the way
 * @throws WriteError where the system refuses
 */
export async function writeFiles(target: Target, files: readonly NewFile[], signal: AbortSignal): Promise<Written> {
  const there = await findThere(target, files);
  await Promise.all(there.map(({ path }) => refuseOthers(join(target.path, path), path)));
  const kept = there.filter(({ isSecret }) => isSecret);
  const completed: NewFile[] = [];
  const stage = stageOf(target);
  // The first folder that is made holds all others.
  let made: string | undefined;
  try {
    made = await mkdir(stage, { recursive: true });
    for (const file of files) {
      const text = kept.includes(file) ? await complete(target, file, completed) : file.text;
      await mkdir(dirname(join(stage, file.path)), { recursive: true });
      await writeFile(join(stage, file.path), text, { mode: file.isSecret ? 0o600 : 0o666 });
    }
    signal.throwIfAborted();
    if (target.exists) moveAll(stage, target, files);
    else renameSync(stage, target.path);
  } catch (error) {
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw isOfSystem(error) ? new WriteError(`${target.path} cannot be written: ${error.message}`, error) : error;
  }
  // All is written. What may be left is of no use to anybody, and no reason to say otherwise.
  for (const rest of [stage, asideOf(stage)]) await rm(rest, { recursive: true, force: true }).catch(() => {});
  const names = (some: readonly NewFile[]): readonly string[] => some.map(({ path }) => path);
  return {
    created: names(files.filter((file) => !there.includes(file))),
    replaced: names(there.filter((file) => !kept.includes(file))),
    kept: names(kept),
    completed: names(completed),
  };
}

/** On the same disk as the target, so that files can be moved. */
function stageOf({ path, exists: isThere }: Target): string {
  return join(isThere ? path : dirname(path), `.create-dheera-ai-${randomBytes(6).toString("hex")}`);
}

const asideOf = (stage: string): string => `${stage}-replaced`;

/** What is in the place of a file goes aside until all are there. */
function moveAll(stage: string, target: Target, files: readonly NewFile[]): void {
  const aside = asideOf(stage);
  const undo: (() => void)[] = [];
  try {
    for (const { path } of files) {
      const place = join(target.path, path);
      const made = mkdirSync(dirname(place), { recursive: true });
      if (made !== undefined) undo.push(() => rmSync(made, { recursive: true }));
      if (existsSync(place)) {
        mkdirSync(dirname(join(aside, path)), { recursive: true });
        renameSync(place, join(aside, path));
        undo.push(() => renameSync(join(aside, path), place));
      }
      renameSync(join(stage, path), place);
      undo.push(() => rmSync(place));
    }
  } catch (error) {
    moveBack(undo, aside, error);
    throw error;
  }
}

function moveBack(undo: readonly (() => void)[], aside: string, cause: unknown): void {
  try {
    for (const step of undo.toReversed()) step();
    rmSync(aside, { recursive: true, force: true });
  } catch {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WriteError(`${reason}. What was replaced cannot be moved back either: it is in ${aside}`, cause);
  }
}

/** `a/b/c.ts` → `a`, `a/b` */
function foldersAbove(path: string): readonly string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

async function refuseFile(target: Target, folder: string): Promise<void> {
  const path = join(target.path, folder);
  if (
    (await exists(path)) &&
    !(await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    ))
  )
    throw new UsageError(`${folder} in the folder is a file where a folder belongs; move it away first`);
}

async function refuseOthers(path: string, name: string): Promise<void> {
  if (!(await lstat(path)).isFile())
    throw new UsageError(`${name} in the folder is no plain file, and is not replaced; move it away first`);
}

async function complete({ path }: Target, file: NewFile, completed: NewFile[]): Promise<string> {
  const text = await readFile(join(path, file.path), "utf8");
  const completedText = addMissing(text, file.text);
  if (completedText !== text) completed.push(file);
  return completedText;
}

/** @throws WriteError where that cannot be seen */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isOfSystem(error) && /^(ENOENT|ENOTDIR)$/.test(error.code)) return false;
    throw isOfSystem(error) ? new WriteError(`${path} cannot be looked at: ${error.message}`, error) : error;
  }
}

/** `ENOSPC`, `EACCES`, `EBUSY` … */
function isOfSystem(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}
