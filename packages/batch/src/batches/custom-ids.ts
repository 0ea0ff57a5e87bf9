import { randomInt } from "node:crypto";

/**
 * Tells whether a custom_id was there before, in 13 to 27 bytes each: what is kept is a hash of 64 bits in an open table. Two ids of five
 * million have the same hash once in a million batches.
 */
export class CustomIds {
  /** Two words a slot; both 0: empty. */
  #slots = new Uint32Array(2 * 1_024);
  #count = 0;
  /** Another one each time, so that nobody can choose ids that meet. */
  readonly #seed = randomInt(2 ** 32);

  /** @returns false where it was there */
  add(id: string): boolean {
    if (this.#count * 5 >= (this.#slots.length / 2) * 3) this.#grow();
    const [low, high] = hash(id, this.#seed);
    if (!insert(this.#slots, low, high)) return false;
    this.#count++;
    return true;
  }

  #grow(): void {
    const grown = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 2) {
      const low = this.#slots[at] ?? 0;
      const high = this.#slots[at + 1] ?? 0;
      if (low !== 0 || high !== 0) insert(grown, low, high);
    }
    this.#slots = grown;
  }
}

/** @returns false where it was there */
function insert(slots: Uint32Array, low: number, high: number): boolean {
  const mask = slots.length / 2 - 1;
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    const at = 2 * slot;
    const storedLow = slots[at];
    const storedHigh = slots[at + 1];
    if (storedLow === low && storedHigh === high) return false;
    if (storedLow === 0 && storedHigh === 0) {
      slots[at] = low;
      slots[at + 1] = high;
      return true;
    }
  }
}

/** Two 32-bit hashes with other multipliers, mixed into each other at the end; never both 0. */
function hash(text: string, seed: number): readonly [number, number] {
  let a = seed ^ 0xdeadbeef;
  let b = seed ^ 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return [a >>> 0, b >>> 0 || 1];
}
