import { randomUUID } from "node:crypto";
import { mkdir, open, opendir, readFile, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { DheeraError } from "@dheera-ai/core";

import type { Store, StoredName } from "../contract.ts";
import { checkName, checkPrefix } from "./check-name.ts";
import { folderError, hasCode } from "./folder-error.ts";

/** Begins with a dot, as no stored name does. */
const temporaryFolder = ".writing";
/** Milliseconds after which what is being written belongs to a process that is gone. */
const longestWrite = 86_400_000;
/** How often the folder of a name may be removed, because it was empty, while something is written there. */
const mostAttempts = 10;

/**
 * Files in a folder of this machine, or of one that machines share: each name is written aside and then given its name, so that nobody
 * reads half of it.
 * @throws DheeraError `unavailable` where the folder cannot be made
 */
export async function openFolderStore(folder: string): Promise<Store> {
  try {
    await mkdirDurably(join(folder, temporaryFolder));
    await removeLeftovers(join(folder, temporaryFolder));
  } catch (error) {
    throw folderError(folder, error);
  }
  return new FolderStore(folder);
}

class FolderStore implements Store {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    const aside = join(this.#folder, temporaryFolder, randomUUID());
    try {
      await writeDurably(aside, bytes);
      await this.#giveName(aside, join(this.#folder, name));
    } catch (error) {
      await rm(aside, { force: true }).catch(() => {});
      throw folderError(this.#folder, error);
    }
  }

  async #giveName(aside: string, path: string): Promise<void> {
    for (let attempt = 1; ; attempt++)
      try {
        await mkdirDurably(dirname(path));
        await rename(aside, path);
        return await syncFolder(dirname(path));
      } catch (error) {
        if (!hasCode(error, "ENOENT") || attempt === mostAttempts) throw error;
      }
  }

  async read(name: string): Promise<Uint8Array> {
    checkName(name);
    try {
      return await readFile(join(this.#folder, name));
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR") && (await this.#isThere()))
        throw new DheeraError("invalid_request", `nothing is stored as ${name}`, { cause: error });
      throw folderError(this.#folder, error);
    }
  }

  /** The place to mount a shared folder is an empty one while that is away: what is not in it may be there again soon. */
  async #isThere(): Promise<boolean> {
    return (await timeOf(join(this.#folder, temporaryFolder)).catch(() => undefined)) !== undefined;
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) checkName(name);
    try {
      for (const name of names) await rm(join(this.#folder, name), { force: true });
      for (const folder of new Set(names.map((name) => dirname(name)))) await this.#removeEmpty(folder);
    } catch (error) {
      throw folderError(this.#folder, error);
    }
  }

  async #removeEmpty(name: string): Promise<void> {
    if (name === ".") return;
    try {
      await rmdir(join(this.#folder, name));
    } catch (error) {
      if (hasCode(error, "ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR")) return;
      throw error;
    }
    await this.#removeEmpty(dirname(name));
  }

  async *list(prefix: string): AsyncIterable<StoredName> {
    checkPrefix(prefix);
    const end = prefix.lastIndexOf("/");
    try {
      for await (const name of this.#namesIn(end < 0 ? "" : prefix.slice(0, end + 1), prefix)) {
        const writtenAt = await timeOf(join(this.#folder, name));
        if (writtenAt !== undefined) yield { name, writtenAt };
      }
    } catch (error) {
      throw folderError(this.#folder, error);
    }
  }

  async *#namesIn(folder: string, prefix: string): AsyncIterable<string> {
    const entries = await opendir(join(this.#folder, folder)).catch((error: unknown) => {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
      throw error;
    });
    for await (const entry of entries) {
      const name = folder + entry.name;
      if (entry.name.startsWith(".")) continue;
      if (!entry.isDirectory()) {
        if (name.startsWith(prefix)) yield name;
      } else if (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`))
        yield* this.#namesIn(`${name}/`, prefix);
    }
  }

  async close(): Promise<void> {}
}

async function timeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(bytes);
  await file.sync();
}

/** Names are durable when the folder that holds them is. */
async function mkdirDurably(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing.
  if (process.platform === "win32") return;
  await using folder = await open(path, "r");
  await folder.sync();
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const writtenAt = await timeOf(path);
    // Against the clock that gave the times: a shared folder's is the server's, and a day is more than clocks differ.
    if (writtenAt !== undefined && Date.now() - writtenAt > longestWrite) await rm(path, { force: true });
  }
}
