import type { JsonSize } from "@dheera-ai/core/provider-utils";

/**
 * Counts values and levels as `measureJson` does, but a piece at a time as it arrives, so that nothing is kept of a body that holds
 * too much, and the work is done between reads.
 */
export class JsonMeter {
  readonly #most: JsonSize;
  #values = 1;
  #depth = 0;
  #deepest = 0;
  #isInText = false;
  /** Whether the last piece ended in the middle of an escape. */
  #isEscaped = false;

  /** @param most what is not measured beyond */
  constructor(most: JsonSize) {
    this.#most = most;
  }

  /** What the pieces hold so far: at least what a parser would make of them. */
  get size(): JsonSize {
    return { values: this.#values, depth: this.#deepest };
  }

  get isBeyondMost(): boolean {
    return this.#values > this.#most.values || this.#deepest > this.#most.depth;
  }

  /** @param piece of UTF-8, in which the bytes that are looked for are part of no other character */
  add(piece: Uint8Array): void {
    const { length } = piece;
    // What the byte before it said of the next one still holds.
    if (length === 0) return;
    let position = this.#isInText ? this.#endOfText(piece, 0) : 0;
    while (position < length) {
      const byte = piece[position++];
      if (byte === quote) {
        this.#isInText = true;
        position = this.#endOfText(piece, position);
      } else if (byte === comma) {
        if (++this.#values > this.#most.values) return;
      } else if (byte === openList || byte === openObject) {
        this.#deepest = Math.max(this.#deepest, ++this.#depth);
        this.#values++;
        if (this.isBeyondMost) return;
      } else if (byte === closeList || byte === closeObject) this.#depth--;
    }
  }

  /** The position behind the quote that ends a text; the piece's length if none does. */
  #endOfText(piece: Uint8Array, start: number): number {
    const { length } = piece;
    let position = start;
    if (this.#isEscaped && position < length) {
      this.#isEscaped = false;
      position++;
    }
    for (;;) {
      const end = Math.min(position + near, length);
      while (position < end) {
        const byte = piece[position++];
        if (byte === quote) {
          this.#isInText = false;
          return position;
        }
        if (byte === backslash) position++;
      }
      if (position >= length) {
        this.#isEscaped = position > length;
        return length;
      }
      const found = piece.indexOf(quote, position);
      const isEscaped = isEscapedAt(piece, found === -1 ? length : found, position);
      if (found === -1) {
        this.#isEscaped = isEscaped;
        return length;
      }
      position = found + 1;
      if (isEscaped) continue;
      this.#isInText = false;
      return position;
    }
  }
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Bytes of a text that are looked at one by one, because a search for its end costs as much to begin. */
const near = 32;

/** Whether an odd number of backslashes stands before this place, of which `start` is not escaped itself. */
function isEscapedAt(piece: Uint8Array, place: number, start: number): boolean {
  let first = place;
  while (first > start && piece[first - 1] === backslash) first--;
  return (place - first) % 2 === 1;
}
