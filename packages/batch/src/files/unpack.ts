import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { DheeraError } from "@dheera-ai/core";

/**
 * The bytes themselves, unpacked where they begin as gzip does. Reads no faster than its reader, who stops when it has seen enough: a
 * few bytes that unpack to terabytes are never unpacked.
 * @param mostBytes of what arrives
 */
export async function* unpack(bytes: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Uint8Array> {
  const [first, rest] = await firstBytes(limited(bytes, mostBytes));
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    yield* rest;
    return;
  }
  let sourceError: unknown;
  const source = remember(rest, (error) => (sourceError = error));
  const packed = Readable.from(source, { objectMode: false, highWaterMark: 65_536 });
  const gunzip = createGunzip();
  packed.on("error", (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    if (sourceError !== undefined) throw sourceError;
    throw new DheeraError("invalid_request", "file: its gzip data is damaged or ends too early; pack it again", {
      param: "file",
      cause: error,
    });
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

/** At least two bytes where there are so many, and everything from the beginning. */
async function firstBytes(bytes: AsyncIterable<Uint8Array>): Promise<[Uint8Array, AsyncIterable<Uint8Array>]> {
  const iterator = bytes[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array();
  while (first.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  return [first, chain(first, iterator)];
}

async function* chain(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (;;) {
      const next = await rest.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

async function* limited(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    if (total > most) {
      throw new DheeraError("request_too_large", `file: it has more than ${most} bytes; divide it into several files`, {
        param: "file",
      });
    }
    yield chunk;
  }
}

async function* remember(
  bytes: AsyncIterable<Uint8Array>,
  failed: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    failed(error);
    throw error;
  }
}
