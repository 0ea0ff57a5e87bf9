import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { encodingOf } from "../../decode-text.ts";
import { describeFileError } from "../../describe-file-error.ts";
import { UsageError } from "../../errors.ts";
import type { Input } from "../../terminal.ts";

/**
 * The bytes of a file or of standard input (`-`), unpacked where they are gzip, as UTF-8 where they are the UTF-16 that PowerShell writes.
 * @param seen told of the bytes as they are stored
 * @throws UsageError where it cannot be read
 */
export async function* openBytes(
  path: string,
  input: Input,
  seen: (bytes: Uint8Array) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const name = path === "-" ? "standard input" : path;
  try {
    const source = path === "-" ? input.stream() : createReadStream(path);
    const { start, rest } = await peek(watched(source, seen), 4);
    const isPacked = start[0] === 0x1f && start[1] === 0x8b;
    if (!isPacked) return yield* asUtf8(rest, encodingOf(start));
    const unpacked = await peek(Readable.from(rest).compose(createGunzip()), 4);
    yield* asUtf8(unpacked.rest, encodingOf(unpacked.start));
  } catch (error) {
    if (isUnpackingError(error))
      throw new UsageError(`${name} cannot be unpacked: it is cut short or no gzip; make it again`, { cause: error });
    const reason = describeFileError(error);
    throw reason === undefined ? error : new UsageError(`${name} cannot be read: ${reason}`, { cause: error });
  }
}

async function* watched(
  source: AsyncIterable<Uint8Array>,
  seen: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    seen(bytes);
    yield bytes;
  }
}

/** The first bytes, and all of them. */
async function peek(
  source: AsyncIterable<unknown>,
  least: number,
): Promise<{ readonly start: Uint8Array; readonly rest: AsyncGenerator<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  while (start.length < least) {
    const next = await iterator.next();
    if (next.done === true) break;
    if (next.value instanceof Uint8Array) start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (start.length > 0) yield start;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        if (next.value instanceof Uint8Array) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { start, rest: all() };
}

async function* asUtf8(
  bytes: AsyncIterable<Uint8Array>,
  encoding: ReturnType<typeof encodingOf>,
): AsyncGenerator<Uint8Array> {
  if (encoding === "utf-8") return yield* bytes;
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  for await (const chunk of bytes) yield encoder.encode(decoder.decode(chunk, { stream: true }));
  yield encoder.encode(decoder.decode());
}

function isUnpackingError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}
