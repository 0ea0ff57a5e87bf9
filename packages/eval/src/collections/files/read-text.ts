import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import type { Budget } from "./budget.ts";
import { describeFileError } from "./describe-file-error.ts";
import { refusal } from "./refusal.ts";

/**
 * Hands the text of a file on in parts, unpacked where its name ends with `.gz`, without a byte order mark.
 * @throws DheeraError `invalid_request` where it cannot be read, is not UTF-8 or is too large.
 */
export async function readText(file: string, budget: Budget, take: (part: string) => void): Promise<void> {
  // Drops the byte order mark.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw refusal(file, undefined, "it is not UTF-8 text; save it as UTF-8");
    }
  };
  const receive = async (parts: AsyncIterable<Buffer>): Promise<void> => {
    for await (const bytes of parts) {
      budget.spend(bytes.length, file);
      take(decode(bytes));
    }
    take(decode());
  };
  const source = createReadStream(file);
  try {
    await (file.endsWith(".gz") ? pipeline(source, createGunzip(), receive) : pipeline(source, receive));
  } catch (error) {
    const reason = describeFileError(error);
    throw reason === undefined ? error : refusal(file, undefined, reason);
  }
}
