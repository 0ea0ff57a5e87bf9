/** A score, when it was computed and when it expires: milliseconds since 1970. */
export interface Entry {
  readonly score: number;
  readonly created: number;
  readonly expires: number;
}

/**
 * Scores by digest, in one block of memory that never grows. The block is cut into small sets and a digest belongs to
 * exactly one of them. A set keeps its pairs in order of use, so that the order itself is the LRU and the last slot is
 * the one to replace.
 */
export class ScoreTable {
  /** Bytes of the block: the number given to the constructor, rounded down to whole sets. */
  readonly bytes: number;
  readonly #block: DataView;
  readonly #sets: number;
  #entries = 0;

  /** @throws RangeError when not even one set fits into so many bytes, or the memory cannot be allocated. */
  constructor(bytes: number) {
    this.#sets = Math.floor(bytes / setBytes);
    if (!(this.#sets >= 1)) throw new RangeError(`a score table takes at least ${setBytes} bytes, not ${bytes}`);
    this.bytes = this.#sets * setBytes;
    this.#block = new DataView(new ArrayBuffer(this.bytes));
  }

  /** Pairs held; one that has expired counts until its slot is reused. */
  get entries(): number {
    return this.#entries;
  }

  /** The score of a digest, or NaN when it is not here, has expired, or was computed before `notBefore`. */
  get(digest: string, now: number, notBefore: number = epoch): number {
    const set = this.#setOf(digest);
    const slot = this.#find(digest, set);
    if (slot === undefined) return Number.NaN;
    if (this.#block.getUint32(slot + expiresAt, true) <= wholeTicks(now)) return Number.NaN;
    // `created` was rounded down and is compared without rounding: otherwise a score could count as younger than it is.
    if (this.#block.getUint32(slot + createdAt, true) < ticks(notBefore)) return Number.NaN;
    this.#moveToFront(slot, set);
    return this.#block.getFloat64(set + scoreAt, true);
  }

  /** Keeps an entry, in place of the least recently used one where its set is full. */
  set(digest: string, { score, created, expires }: Entry, now: number): void {
    if (wholeTicks(expires) <= wholeTicks(now)) return;
    const set = this.#setOf(digest);
    const slot = this.#find(digest, set) ?? this.#slotToReplace(set, wholeTicks(now));
    if (this.#block.getUint32(slot + expiresAt, true) === 0) this.#entries++;
    this.#moveToFront(slot, set);
    for (let at = 0; at < keyBytes; at += 4) this.#block.setUint32(set + at, readWord(digest, at), true);
    this.#block.setUint32(set + createdAt, wholeTicks(created), true);
    this.#block.setUint32(set + expiresAt, wholeTicks(expires), true);
    this.#block.setFloat64(set + scoreAt, score, true);
  }

  /** Chosen by bytes of the digest that are not part of the key, so that together more bytes distinguish pairs. */
  #setOf(digest: string): number {
    return Math.floor((readWord(digest, keyBytes) / 2 ** 32) * this.#sets) * setBytes;
  }

  #find(digest: string, set: number): number | undefined {
    const first = readWord(digest, 0);
    const second = readWord(digest, 4);
    const third = readWord(digest, 8);
    const fourth = readWord(digest, 12);
    for (let slot = set; slot < set + setBytes; slot += slotBytes) {
      if (
        this.#block.getUint32(slot, true) === first &&
        this.#block.getUint32(slot + 4, true) === second &&
        this.#block.getUint32(slot + 8, true) === third &&
        this.#block.getUint32(slot + 12, true) === fourth
      )
        return slot;
    }
    return undefined;
  }

  /** An expired slot (an empty one expires at zero), else the least recently used one. */
  #slotToReplace(set: number, now: number): number {
    for (let slot = set; slot < set + setBytes; slot += slotBytes)
      if (this.#block.getUint32(slot + expiresAt, true) <= now) return slot;
    return set + setBytes - slotBytes;
  }

  #moveToFront(slot: number, set: number): void {
    if (slot === set) return;
    // By words and not by floats: the bits of a NaN may change on the way through a float.
    for (let word = 0; word < slotBytes; word += 4) {
      const moved = this.#block.getUint32(slot + word, true);
      for (let at = slot + word; at > set + word; at -= slotBytes)
        this.#block.setUint32(at, this.#block.getUint32(at - slotBytes, true), true);
      this.#block.setUint32(set + word, moved, true);
    }
  }
}

// A slot: key, created, expires, score. 32 bytes, two to a cache line.
const keyBytes = 16;
const createdAt = keyBytes;
const expiresAt = createdAt + 4;
const scoreAt = expiresAt + 4;
const slotBytes = scoreAt + 8;

/** With 16 slots a set rarely overflows while others have room; docs/decisions/0003-score-table.md has the numbers. */
const setBytes = 16 * slotBytes;

/** Times are kept as quarters of a second since 2025: four bytes last until 2059. */
const epoch = Date.UTC(2025, 0, 1);

function ticks(milliseconds: number): number {
  return Math.min(Math.max((milliseconds - epoch) / 250, 0), 0xffff_ffff);
}

function wholeTicks(milliseconds: number): number {
  return Math.floor(ticks(milliseconds));
}

function readWord(digest: string, at: number): number {
  const bytes =
    digest.charCodeAt(at) |
    (digest.charCodeAt(at + 1) << 8) |
    (digest.charCodeAt(at + 2) << 16) |
    (digest.charCodeAt(at + 3) << 24);
  return bytes >>> 0;
}
