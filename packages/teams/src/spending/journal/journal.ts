import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";

import type { Log } from "../../teams.ts";
import type { Batch } from "../booking/batch.ts";
import { fromLine, toLine } from "./batch-line.ts";

/** Where a batch is in the file of this process. */
export interface Place {
  readonly file: FileHandle;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The file of this process with what could not be booked yet; there is none while the database answers. Each append is on the disk
 * before it resolves, so that what is in it survives the process and the power.
 */
export interface Journal {
  /** Of its file; 0 where there is none. */
  readonly bytes: number;
  /** @returns undefined for those that found no room; why is logged */
  append(batches: readonly Batch[]): Promise<readonly (Place | undefined)[]>;
  /** @throws Error where the file has become unreadable */
  read(place: Place): Promise<Batch>;
  /** All that is in it was booked: removes the file. */
  clear(): Promise<void>;
  /** Shows others that this process lives, and will book it itself. */
  touch(): Promise<void>;
  /** Closes the file and leaves it to others. */
  leave(): Promise<void>;
}

export interface JournalOptions {
  /** Undefined: nothing is kept. */
  readonly folder: string | undefined;
  readonly replicaId: string;
  /** What the database is called, so that no journal is booked in another one. */
  readonly database: string;
  readonly log: Log;
  /** Bytes; any more finds no room. */
  readonly mostBytes?: number;
}

/** The first line of a file: whose it is. */
export interface JournalHead {
  readonly journal: 1;
  readonly database: string;
  readonly host: string;
  readonly pid: number;
}

/** Which database a URL leads to, without what may change: user, password, options. */
export function databaseName(url: string): string {
  const name = url.startsWith("sqlite:") ? resolve(url.slice("sqlite:".length)) : placeOf(url);
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}

function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

export const journalEnding = ".spend.jsonl";
/** Milliseconds. */
const tellEvery = 60_000;
/** Some 600,000 answers. */
const defaultMostBytes = 268_435_456;

export function openJournal(options: JournalOptions): Journal {
  const { folder, replicaId, database, log, mostBytes = defaultMostBytes } = options;
  const path = folder === undefined ? undefined : join(folder, `${replicaId}${journalEnding}`);
  let file: FileHandle | undefined;
  let size = 0;
  /** Files that another process took for those of a dead one, and removed; what is in them can still be read here. */
  const removed: FileHandle[] = [];
  let isFull = false;
  let isTold = false;
  let toldAt = Number.NEGATIVE_INFINITY;

  async function start(): Promise<FileHandle | undefined> {
    if (folder === undefined || path === undefined) return undefined;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // It tells who spends what: nobody else on this machine may read it.
    const opened = await open(path, "ax+", 0o600);
    const head: JournalHead = { journal: 1, database, host: hostname(), pid: process.pid };
    const line = `${JSON.stringify(head)}\n`;
    await opened.appendFile(line);
    size = Buffer.byteLength(line);
    // A database that is slow at times would be told of each time.
    isTold = performance.now() - toldAt >= tellEvery;
    if (isTold) {
      toldAt = performance.now();
      log.warn("answers are written to the journal until the database takes them", { spend_journal: path });
    }
    return opened;
  }

  async function appendOne(batch: Batch): Promise<Place | undefined> {
    if (path === undefined) return undefined;
    file ??= await start();
    if (file === undefined) return undefined;
    const line = Buffer.from(`${toLine(batch)}\n`);
    if (size + line.length > mostBytes) {
      if (!isFull) log.error("spend_journal is full; more is kept in memory, as far as there is room", { bytes: size });
      isFull = true;
      return undefined;
    }
    const offset = size;
    try {
      await file.appendFile(line);
    } catch (error) {
      // Half a line would spoil the next one.
      await file.truncate(offset).catch(() => {});
      throw error;
    }
    size += line.length;
    return { file, offset, bytes: line.length - 1 };
  }

  async function append(batches: readonly Batch[]): Promise<readonly (Place | undefined)[]> {
    const places: (Place | undefined)[] = [];
    try {
      for (const batch of batches) places.push(await appendOne(batch));
      await file?.datasync();
      if (file === undefined || (await file.stat()).nlink > 0) return places;
      removed.push(file);
      file = undefined;
      return await append(batches);
    } catch (error) {
      log.error("spend_journal cannot be written; answers are kept in memory, as far as there is room", { error });
      return batches.map((_, index) => places[index]);
    }
  }

  async function close(): Promise<void> {
    const files = [...removed.splice(0), ...(file === undefined ? [] : [file])];
    file = undefined;
    for (const opened of files) await opened.close().catch(() => {});
  }

  return {
    get bytes() {
      return file === undefined ? 0 : size;
    },
    append,
    async read({ file: of, offset, bytes }) {
      const { buffer } = await of.read(Buffer.alloc(bytes), 0, bytes, offset);
      const batch = fromLine(buffer.toString());
      if (batch === undefined) throw new Error("spend_journal has been changed by somebody else");
      return batch;
    },
    async clear() {
      if (file === undefined && removed.length === 0) return;
      const hadFile = file !== undefined;
      await close();
      if (hadFile && path !== undefined) await unlink(path).catch(() => {});
      isFull = false;
      size = 0;
      if (isTold) log.info("all that was in the journal is booked");
    },
    async touch() {
      const at = new Date();
      await file?.utimes(at, at);
    },
    leave: close,
  };
}
