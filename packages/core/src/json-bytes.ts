/** Bytes that a text takes in a JSON body, quotes included: UTF-8, with what `JSON.stringify` escapes. */
export function jsonBytes(text: string): number {
  let bytes = 2;
  for (let position = 0; position < text.length; position++) {
    const unit = text.charCodeAt(position);
    bytes += unit < 0x80 ? (asciiBytes[unit] ?? 1) : unitBytes(text, position, unit);
  }
  return bytes;
}

/** No text takes more than this: six bytes for an escaped control character. */
export function mostJsonBytes(text: string): number {
  return text.length * 6 + 2;
}

const shortEscapes = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x22, 0x5c]);
const asciiBytes = Uint8Array.from({ length: 0x80 }, (_, unit) => (shortEscapes.has(unit) ? 2 : unit < 0x20 ? 6 : 1));

function unitBytes(text: string, position: number, unit: number): number {
  if (unit < 0x800) return 2;
  if (unit < 0xd800 || unit > 0xdfff) return 3;
  // Half of a four-byte character; a lone surrogate is escaped as \udXXX.
  return isPaired(text, position, unit) ? 2 : 6;
}

function isPaired(text: string, position: number, unit: number): boolean {
  if (unit < 0xdc00) return (text.charCodeAt(position + 1) & 0xfc00) === 0xdc00;
  return position > 0 && (text.charCodeAt(position - 1) & 0xfc00) === 0xd800;
}
