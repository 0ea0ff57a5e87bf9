import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";

import { DheeraError } from "@dheera-ai/core";

import type { Context } from "../context.ts";
import type { FilePart } from "../contract.ts";

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Packed for speed: JSON becomes a fifth or less at any level. */
export async function writePart({ store }: Context, name: string, bytes: Uint8Array, lines: number): Promise<FilePart> {
  await store.write(name, await pack(bytes, { level: 1 }));
  return { name, bytes: bytes.length, lines };
}

/** @throws DheeraError that is not retryable where it is gone or damaged */
export async function readPart({ store }: Context, part: FilePart): Promise<Buffer> {
  const packed = await store.read(part.name);
  try {
    return await unpack(packed, { maxOutputLength: Math.max(1, part.bytes) });
  } catch (cause) {
    throw new DheeraError("internal", "A part of a file is damaged where it is stored.", { cause });
  }
}

/** Its lines, without their ends. */
export async function readLines(context: Context, part: FilePart): Promise<readonly string[]> {
  const text = (await readPart(context, part)).toString("utf8");
  const lines = text.split("\n");
  lines.pop();
  return lines;
}
