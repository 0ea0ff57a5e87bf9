import { createHash, randomBytes } from "node:crypto";

/** `file-` and 26 lower-case letters and digits, because names of the store have no others. */
export function newFileId(): string {
  return `file-${newToken()}`;
}

export function newBatchId(): string {
  return `batch_${newToken()}`;
}

/** 130 bits, in an alphabet that names of the store may have. */
export function newToken(): string {
  return toToken(randomBytes(26));
}

/** The file that a batch makes: the same for everybody who finishes it, so that it is made once whoever does. */
export function resultFileId(batchId: string, kind: "output" | "errors"): string {
  return `file-${toToken(createHash("sha256").update(`${batchId} ${kind}`).digest().subarray(0, 26))}`;
}

const alphabet = "0123456789abcdefghijklmnopqrstuv";

function toToken(bytes: Uint8Array): string {
  let token = "";
  for (const byte of bytes) token += alphabet[byte & 31];
  return token;
}

/** Parts of one file or batch are together, so that the sweep asks once about all of them. */
export const partsPrefix = "parts/";

export function inputPartName(fileId: string, number: number): string {
  return `${partsPrefix}${fileId}/${sortable(number)}.gz`;
}

/** The attempt is in the name: two workers that both believe they have a shard never write over each other. */
export function resultPartName(batchId: string, shard: number, attempt: string, kind: "output" | "errors"): string {
  return `${partsPrefix}${batchId}/${sortable(shard)}-${attempt}-${kind}.gz`;
}

function sortable(number: number): string {
  return `${number}`.padStart(7, "0");
}
