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
 * Bytes of each UTF-16 unit, halves of surrogate pairs taken for paired: a look-up is all that a long text can afford. Filled in
 * ranges, because a function for each unit would take a tenth of the time that an import of the library takes.
 */
const unitBytes: Uint8Array = new Uint8Array(0x10000)
  .fill(3)
  .fill(1, 0, 0x80)
  .fill(2, 0x80, 0x800)
  .fill(pairedBytes, 0xd800, 0xe000);
unitBytes.fill(escapedBytes, 0, 0x20);
for (const escapedByTwo of '\b\t\n\f\r"\\') unitBytes[escapedByTwo.charCodeAt(0)] = 2;

function loneSurrogates(text: string): number {
  return text.match(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g)?.length ?? 0;
}
