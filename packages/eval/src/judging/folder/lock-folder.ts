import { open, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

import { refusal } from "../../collections/files/refusal.ts";

/** Locks that this process holds, or is about to take. */
const held = new Set<string>();

/** What is done in a folder that is locked, and what whoever wants it can do: for messages. */
export interface LockedWork {
  /** `it is being judged already` */
  readonly already: string;
  readonly instead: string;
}

/**
 * Holds a folder for one process: two that work in it would write over each other's files. What a process left that has ended counts no
 * more.
 * @throws DheeraError `invalid_request` naming the process that holds it, and what to do where it does not
 */
export async function lockFolder(folder: string, work: LockedWork): Promise<AsyncDisposable> {
  const path = resolve(join(folder, "lock"));
  if (held.has(path)) throw isHeld(folder, path, process.pid, work);
  held.add(path);
  try {
    await takeLock(folder, path, work);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return {
    async [Symbol.asyncDispose]() {
      held.delete(path);
      await rm(path, { force: true });
    },
  };
}

async function takeLock(folder: string, path: string, work: LockedWork): Promise<void> {
  const own = `${process.pid} ${(await startOf(process.pid)) ?? ""}`.trim();
  if (await writeNew(path, own)) return;
  const found = await contentOf(path);
  const holder = holderIn(found);
  // Without a number it is being written just now, or a full disk kept it from being written.
  if (holder === undefined) throw hasJustBegun(folder, path, work);
  if (await isRunning(holder)) throw isHeld(folder, path, holder.id, work);
  // Of many who find an old lock only the one that has made this file may replace it.
  const next = `${path}.next`;
  if (!(await writeNew(next, own))) throw hasJustBegun(folder, next, work);
  if ((await contentOf(path)) === found) {
    await rename(next, path);
  } else {
    await rm(next, { force: true });
    throw hasJustBegun(folder, path, work);
  }
}

function isHeld(folder: string, path: string, id: number, { already, instead }: LockedWork): Error {
  return refusal(
    folder,
    undefined,
    `${already}, by the process ${id}; ${instead}, or end it first; if that is another program, nobody is at work there any more: remove ${path}`,
  );
}

function hasJustBegun(folder: string, path: string, { already, instead }: LockedWork): Error {
  return refusal(
    folder,
    undefined,
    `${already}, by a process that has just begun; ${instead}; if there is none, remove ${path}`,
  );
}

interface Holder {
  readonly id: number;
  /** As `startOf` says it; undefined where the system does not tell. */
  readonly start: string | undefined;
}

function holderIn(content: string): Holder | undefined {
  const [, id, start] = /^([1-9]\d*)(?: (\d+))?\n/.exec(content) ?? [];
  return id === undefined ? undefined : { id: Number(id), start };
}

/** Whether it runs still, and its number does not belong to another process by now. */
async function isRunning({ id, start }: Holder): Promise<boolean> {
  const now = await startOf(id);
  if (start !== undefined && now !== undefined) return start === now;
  // In a container the next one often has the same number.
  if (id === process.pid) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

/** When a process began, in ticks since the machine did; undefined where it has ended, or the system does not tell: only Linux does. */
async function startOf(id: number): Promise<string | undefined> {
  const status = await contentOf(`/proc/${id}/stat`);
  // Behind the name, which may have spaces and brackets of its own, it is the 20th field.
  return status.slice(status.lastIndexOf(")") + 2).split(" ")[19];
}

/** @returns false where the file is there */
async function writeNew(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    try {
      await file.writeFile(`${content}\n`);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** Empty where there is no such file. */
function contentOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
