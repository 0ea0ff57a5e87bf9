import { createHash, timingSafeEqual } from "node:crypto";

/** Keys as hashes, compared in a time that does not tell how much of one was right. */
export class KeyRing {
  readonly #hashes: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#hashes = keys.map(hashOf);
  }

  /** Who asks, as a word that is equal for equal keys and is no key; undefined for nobody who may. */
  callerOf(authorization: string | null): string | undefined {
    if (this.#hashes.length === 0) return "anybody";
    const [, key] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    if (key === undefined) return undefined;
    const given = hashOf(key);
    return this.#hashes.find((hash) => timingSafeEqual(hash, given))?.toString("hex");
  }
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
