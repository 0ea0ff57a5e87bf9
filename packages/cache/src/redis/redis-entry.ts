import { Buffer } from "node:buffer";

import type { Entry } from "../memory/score-table.ts";

/** Three little-endian floats: score, created, expires. */
export function encodeEntry({ score, created, expires }: Entry): Buffer {
  const value = Buffer.alloc(entryBytes);
  value.writeDoubleLE(score, 0);
  value.writeDoubleLE(created, 8);
  value.writeDoubleLE(expires, 16);
  return value;
}

/** Undefined where there is no value, or one in another format. */
export function decodeEntry(value: Buffer | null): Entry | undefined {
  if (value?.length !== entryBytes) return undefined;
  const entry = { score: value.readDoubleLE(0), created: value.readDoubleLE(8), expires: value.readDoubleLE(16) };
  return Object.values(entry).every(Number.isFinite) ? entry : undefined;
}

const entryBytes = 24;
