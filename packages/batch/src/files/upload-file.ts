import { DheeraError } from "@dheera-ai/core";
import { abortable } from "@dheera-ai/core/provider-utils";

import type { Context } from "../context.ts";
import type { FilePart, FileRecord } from "../contract.ts";
import { inputPartName, newFileId } from "../ids.ts";
import { type CutPart, cutLines } from "./cut-lines.ts";
import { writePart } from "./packed-part.ts";
import { unpack } from "./unpack.ts";
import { openUploadRoom } from "./upload-room.ts";

/** A file that is uploaded. */
export interface NewFile {
  /** The hash of a key; "" is whoever has the master key. */
  readonly owner: string;
  readonly filename: string;
  readonly purpose: "batch";
  /** JSON lines, packed with gzip or not. Read no faster than they are stored. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Milliseconds; default: the setting. */
  readonly expiresAfter?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Of one part: small enough that a worker holds several, large enough that a file of 5 GB has some thousands. */
const partBytes = 1_024 ** 2;
const partLines = 1_000;
const writesAtOneTime = 3;

/**
 * Stores a file part by part as it arrives, and its record last: what is cut off has no record and leaves nothing.
 * @throws DheeraError
 */
export async function uploadFile(context: Context, file: NewFile): Promise<FileRecord> {
  const { settings, now } = context;
  const id = newFileId();
  await using room = await openUploadRoom(context, id, file.owner);
  const parts: FilePart[] = [];
  const names: string[] = [];
  const writing: Promise<FilePart>[] = [];
  try {
    for await (const part of cut(context, file)) {
      await room.take(part.bytes.length);
      const name = inputPartName(id, names.length);
      names.push(name);
      const written = writePart(context, name, part.bytes, part.lines);
      written.catch(() => undefined);
      writing.push(written);
      if (writing.length >= writesAtOneTime) parts.push(...(await firstOf(writing)));
    }
    parts.push(...(await Promise.all(writing)));
    file.signal?.throwIfAborted();
    await room.settle();
    const createdAt = now();
    const record: FileRecord = {
      id,
      owner: file.owner,
      filename: file.filename,
      purpose: file.purpose,
      bytes: sum(parts, "bytes"),
      lines: sum(parts, "lines"),
      createdAt,
      expiresAt: createdAt + (file.expiresAfter ?? settings.filesExpireAfter),
    };
    await context.queue.saveFile(record, parts);
    return record;
  } catch (error) {
    await Promise.allSettled(writing);
    // What cannot be removed now is removed by the sweep, because no record names it.
    await context.store.remove(names).catch(() => undefined);
    if (file.signal?.aborted) {
      throw new DheeraError("cancelled", "The upload was cut off; nothing of it is kept.", { cause: error });
    }
    throw error;
  }
}

async function firstOf(writing: Promise<FilePart>[]): Promise<FilePart[]> {
  const first = writing.shift();
  return first ? [await first] : [];
}

function cut({ settings }: Context, { bytes, signal }: NewFile): AsyncIterable<CutPart> {
  const { maxFileBytes, maxLines, maxLineBytes } = settings;
  return cutLines(unpack(signal ? until(bytes, signal) : bytes, maxFileBytes), {
    partBytes,
    partLines,
    lineBytes: maxLineBytes,
    fileBytes: maxFileBytes,
    fileLines: maxLines,
  });
}

/** Ends with the signal's reason also while nothing arrives. */
async function* until(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await abortable(iterator.next(), signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // A source that has nothing to say cannot be waited for.
    void iterator.return?.().catch(() => undefined);
  }
}

function sum(parts: readonly FilePart[], what: "bytes" | "lines"): number {
  return parts.reduce((total, part) => total + part[what], 0);
}
