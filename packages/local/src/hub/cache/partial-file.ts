import { createHash, type Hash, randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { Digest } from "../remote/model-info.ts";
import { sizeOf } from "./place-file.ts";

/** A blob that is being downloaded. Its bytes are in a file of this process alone, so that no other can spoil it. */
export interface PartialFile {
  /** Bytes that are there. */
  readonly bytes: number;
  /** Whether some of them are from an earlier download that did not end. */
  readonly isResumed: boolean;
  append(chunk: Uint8Array): Promise<void>;
  /** Begins at the first byte again. What an earlier download left is not looked at any more. */
  restart(): Promise<void>;
  /** Whether all bytes are there, and the right ones. */
  isRight(): boolean;
  /** Gives the file the name of the blob. */
  finish(): Promise<void>;
  /** Keeps it for a later download. */
  keep(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Opens `<blob>.<8 digits>.incomplete`, as huggingface_hub names it, with what downloads that did not end have left of
 * the blob. That is copied and not taken over, because another process may still be writing to it.
 * @throws the reason of the signal, which is looked at while that is copied
 */
export async function openPartialFile(
  blob: string,
  bytes: number,
  digest: Digest,
  signal: AbortSignal,
): Promise<PartialFile> {
  const begun = Date.now();
  const path = `${blob}.${randomBytes(4).toString("hex")}.incomplete`;
  const file = await open(path, "wx");
  let hash = newHash(digest, bytes);
  let written = 0;
  const append = async (chunk: Uint8Array): Promise<void> => {
    await writeAll(file, chunk, written);
    hash.update(chunk);
    written += chunk.length;
  };
  const largest = await largestLeftover(blob, path, bytes);
  try {
    if (largest !== undefined) await copyFrom(largest, append, bytes, signal);
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
  let isResumed = written > 0;
  let right: boolean | undefined;

  return {
    get bytes() {
      return written;
    },
    get isResumed() {
      return isResumed;
    },
    append,
    async restart() {
      await file.truncate(0);
      hash = newHash(digest, bytes);
      written = 0;
      isResumed = false;
      right = undefined;
    },
    isRight: () => (right ??= written === bytes && hash.digest("hex") === digest.hex),
    async finish() {
      await file.sync();
      await file.close();
      await rename(path, blob).catch(async (error: unknown) => {
        // Another process that finished the same blob may have taken ours for one that nobody writes to.
        if ((await sizeOf(blob)) !== bytes) throw error;
      });
      await removeLeftovers(blob, path, begun);
    },
    async keep() {
      await file.close();
      if (written === 0) await rm(path, { force: true });
      else await removeLeftovers(blob, path, begun, written);
    },
    async remove() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

function newHash({ algorithm }: Digest, bytes: number): Hash {
  return algorithm === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${bytes}\0`);
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

interface Leftover {
  readonly path: string;
  readonly stats: Stats;
}

async function largestLeftover(blob: string, own: string, bytes: number): Promise<Leftover | undefined> {
  const fitting = (await findLeftovers(blob, own)).filter(({ stats: { size } }) => size > 0 && size <= bytes);
  return fitting.toSorted((a, b) => b.stats.size - a.stats.size)[0];
}

/** Also those of huggingface_hub, which named them `<blob>.incomplete` in former versions. */
async function findLeftovers(blob: string, own: string): Promise<readonly Leftover[]> {
  const name = basename(blob);
  const files = await readdir(dirname(blob)).catch(() => []);
  const left = files
    .filter((file) => file.startsWith(`${name}.`) && file.endsWith(".incomplete"))
    .map((file) => join(dirname(blob), file))
    .filter((path) => path !== own);
  const found = await Promise.all(left.map(async (path) => ({ path, stats: await stat(path).catch(() => undefined) })));
  return found.flatMap(({ path, stats }) => (stats?.isFile() ? [{ path, stats }] : []));
}

async function copyFrom(
  { path }: Leftover,
  append: (chunk: Uint8Array) => Promise<void>,
  most: number,
  signal: AbortSignal,
): Promise<void> {
  const source = await open(path, "r").catch(() => undefined);
  if (source === undefined) return;
  try {
    const buffer = Buffer.alloc(1_000_000);
    for (let at = 0; at < most;) {
      signal.throwIfAborted();
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, most - at), at);
      if (bytesRead === 0) return;
      await append(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await source.close();
  }
}

/**
 * Removes what earlier downloads left of a blob: what nobody has written to since ours began, so that one that is under
 * way keeps its file.
 * @param most bytes; what has more stays
 */
async function removeLeftovers(
  blob: string,
  own: string,
  begun: number,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (const { path, stats } of await findLeftovers(blob, own))
    if (stats.mtimeMs < begun && stats.size <= most) await rm(path, { force: true });
}
