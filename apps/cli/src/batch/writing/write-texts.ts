import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import type { Output } from "../../terminal.ts";

/** Of one write, because each costs about the same. */
const mostCharacters = 65_536;

/**
 * Writes texts to a file, packed where its name ends with `.gz`, or to standard output, no faster than that takes them; what is in the
 * file is on the disk when it resolves.
 * @param name under which it will be known
 */
export async function writeTexts(
  texts: AsyncIterable<string>,
  target: { readonly file: string; readonly name: string } | Output,
): Promise<void> {
  if (!("file" in target)) {
    for await (const text of together(texts)) await target.write(Buffer.from(text));
    return;
  }
  const destination = createWriteStream(target.file, { flush: true });
  const source = Readable.from(together(texts));
  if (/\.gz$/i.test(target.name)) await pipeline(source, createGzip(), destination);
  else await pipeline(source, destination);
}

async function* together(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let held = "";
  for await (const text of texts) {
    held += text;
    if (held.length < mostCharacters) continue;
    yield held;
    held = "";
  }
  if (held !== "") yield held;
}
