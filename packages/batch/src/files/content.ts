import type { Context } from "../context.ts";
import type { FilePart, FileRecord } from "../contract.ts";
import { readPart } from "./packed-part.ts";

/** What is in the file, part after part; the next one is read while this one is taken. */
export async function* contentOf(context: Context, file: FileRecord): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of ahead(context.queue.partsOf(file.id), async (part: FilePart) => ({
    bytes: await readPart(context, part),
  })))
    yield bytes;
}

/** What `read` makes of each, in order; one is read ahead. */
export async function* ahead<In, Out>(
  inputs: AsyncIterable<In>,
  read: (input: In) => Promise<Out>,
): AsyncGenerator<Out> {
  let next: Promise<Out> | undefined;
  try {
    for await (const input of inputs) {
      const begun = read(input);
      // It may fail while the one before it is still taken.
      begun.catch(() => undefined);
      if (next) yield await next;
      next = begun;
    }
    if (next) yield await next;
  } finally {
    await next?.catch(() => undefined);
  }
}
