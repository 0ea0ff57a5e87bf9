/** How much a JSON text holds. */
export interface JsonSize {
  /** Values of every kind; an empty list or object counts as two. */
  readonly values: number;
  /** Lists and objects inside of each other. */
  readonly depth: number;
}

export interface MeasuredJson extends JsonSize {
  /**
   * A field has a name of more than 10,000 characters. V8 takes the length of such a name for its hash and compares it with
   * all others of its length: 30 MB of them took 20 seconds.
   */
  readonly hasLongName: boolean;
}

/** V8 hashes 16,383 characters. */
const longestName = 10_000;

/**
 * Measures a text before it is parsed, because a text of 3 bytes a value takes 100 bytes a value and more once it is
 * parsed, and holds up everybody meanwhile. It counts at least what the parser makes before it ends or finds a mistake,
 * and stops at the first value or level beyond `most` and at a long name. A text of words costs a tenth of what parsing it does.
 */
export function measureJson(text: string, most: JsonSize): MeasuredJson {
  const { length } = text;
  let values = 1;
  let depth = 0;
  let deepest = 0;
  for (let position = 0; position < length; position++) {
    const unit = text.charCodeAt(position);
    if (unit === quote) {
      const start = position + 1;
      position = endOfString(text, start);
      if (position - start > longestName && isName(text, position + 1))
        return { values, depth: deepest, hasLongName: true };
    } else if (unit === comma) {
      if (++values > most.values) break;
    } else if (unit === openList || unit === openObject) {
      if (++depth > deepest) deepest = depth;
      if (++values > most.values || deepest > most.depth) break;
    } else if (unit === closeList || unit === closeObject) depth--;
  }
  return { values, depth: deepest, hasLongName: false };
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Whether a string that ends before this place is the name of a field. */
function isName(text: string, place: number): boolean {
  let position = place;
  while (isSpace(text.charCodeAt(position))) position++;
  return text.charCodeAt(position) === colon;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
}

/** Units of a string that are looked at one by one, because a search for its end costs as much to begin. */
const near = 4;
/** The same once the search has found an escaped quote: there may be very many, one after the other. */
const nearEscapes = 64;

/** The position of the quote that ends a string whose first unit is at `start`; the text's length if none does. */
function endOfString(text: string, start: number): number {
  const { length } = text;
  let position = start;
  for (let look = near; ; look = nearEscapes) {
    const end = Math.min(position + look, length);
    while (position < end) {
      const unit = text.charCodeAt(position);
      if (unit === quote) return position;
      position += unit === backslash ? 2 : 1;
    }
    if (position >= length) return length;
    const found = text.indexOf('"', position);
    if (found === -1) return length;
    if (!isEscaped(text, found, position)) return found;
    position = found + 1;
  }
}

/** Whether an odd number of backslashes stands before this place, of which `start` is not escaped itself. */
function isEscaped(text: string, place: number, start: number): boolean {
  let first = place;
  while (first > start && text.charCodeAt(first - 1) === backslash) first--;
  return (place - first) % 2 === 1;
}
