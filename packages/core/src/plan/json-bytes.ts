/** Bytes that a text takes in a JSON body, quotes included: UTF-8, with what `JSON.stringify` escapes. */
export function jsonBytes(text: string): number {
  let bytes = 2;
  for (let position = 0; position < text.length; position++) bytes += unitBytes[text.charCodeAt(position)] ?? 0;
  return text.isWellFormed() ? bytes : bytes + loneSurrogates(text) * (escapedBytes - pairedBytes);
}

/** No text takes more than this. */
export function mostJsonBytes(text: string): number {
  return text.length * escapedBytes + 2;
}

/** How many UTF-16 units of a well-formed text, from its beginning or its end, take at most so many bytes. */
export function unitsWithin(text: string, bytes: number, from: "beginning" | "end"): number {
  let units = 0;
  for (let left = bytes - 2; units < text.length; units++) {
    left -= unitBytes[text.charCodeAt(from === "beginning" ? units : text.length - 1 - units)] ?? 0;
    if (left < 0) break;
  }
  return units;
}

/** `\u001f`: control characters and lone surrogates. */
export const escapedBytes = 6;
/** Half of a four-byte character. */
const pairedBytes = 2;

/**
 * Bytes of each UTF-16 unit, halves of surrogate pairs taken for paired: a look-up is all that a long text can afford.
 */
const unitBytes = Uint8Array.from({ length: 0x10000 }, (_, unit) => {
  if (unit < 0x20) return [0x08, 0x09, 0x0a, 0x0c, 0x0d].includes(unit) ? 2 : escapedBytes;
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1;
  if (unit < 0x800) return 2;
  return unit < 0xd800 || unit > 0xdfff ? 3 : pairedBytes;
});

function loneSurrogates(text: string): number {
  return text.match(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g)?.length ?? 0;
}
