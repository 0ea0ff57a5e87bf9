/** Bytes that a text takes in a JSON body, quotes included: UTF-8, with what `JSON.stringify` escapes. */
export function jsonBytes(text: string): number {
  let bytes = 2;
  for (let position = 0; position < text.length; position++) bytes += unitBytes(text, position);
  return bytes;
}

/** No text takes more than this: six bytes for an escaped control character. */
export function mostJsonBytes(text: string): number {
  return text.length * 6 + 2;
}

function unitBytes(text: string, position: number): number {
  const unit = text.charCodeAt(position);
  if (unit < 0x20) return isShortEscape(unit) ? 2 : 6;
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1;
  if (unit < 0x800) return 2;
  if (unit < 0xd800 || unit > 0xdfff) return 3;
  // Half of a four-byte character; a lone surrogate is escaped as \udXXX.
  return isPaired(text, position, unit) ? 2 : 6;
}

function isShortEscape(unit: number): boolean {
  return unit === 0x08 || unit === 0x09 || unit === 0x0a || unit === 0x0c || unit === 0x0d;
}

function isPaired(text: string, position: number, unit: number): boolean {
  if (unit < 0xdc00) return (text.charCodeAt(position + 1) & 0xfc00) === 0xdc00;
  return position > 0 && (text.charCodeAt(position - 1) & 0xfc00) === 0xd800;
}
