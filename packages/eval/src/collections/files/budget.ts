import { getHeapStatistics } from "node:v8";

import { refusal } from "./refusal.ts";

/** How much may be read: shared by all files of a collection, because all of it is kept in memory. */
export class Budget {
  readonly #mostBytes: number;
  #bytes = 0;
  #entries = 0;

  /** @param mostBytes unpacked; by default half of what this process may keep in memory */
  constructor(mostBytes: number = getHeapStatistics().heap_size_limit / 2) {
    this.#mostBytes = mostBytes;
  }

  /** @throws DheeraError `invalid_request` where that is too much. */
  spend(bytes: number, file: string): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#mostBytes) {
      const megabytes = Math.floor(this.#mostBytes / 1e6);
      throw tooLarge(file, `${megabytes} MB, half of this process's memory`);
    }
  }

  /** An entry takes memory beside its text. @throws DheeraError `invalid_request` where there are too many. */
  spendEntry(file: string): void {
    this.spend(bytesOfEntry, file);
    if (++this.#entries > mostEntries) throw tooLarge(file, "16 million entries");
  }
}

const bytesOfEntry = 128;
/** A map of V8 holds little more. */
const mostEntries = 16_000_000;

function tooLarge(file: string, limit: string): Error {
  return refusal(
    file,
    undefined,
    `the collection has more than ${limit}; measure on a part of it, or raise the memory with NODE_OPTIONS=--max-old-space-size=8000 (megabytes)`,
  );
}
