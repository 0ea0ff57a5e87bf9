/**
 * The text of a file: UTF-8, or UTF-16 that begins with its byte order mark, as spreadsheets save it.
 * @throws Error with a message for the user
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  // A mark at the begin is not part of the text, and the decoder leaves it out.
  const text = decode(bytes, encoding);
  if (text.includes("\0")) throw unreadable();
  return text;
}

function decode(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(cause?: unknown): Error {
  return new Error("The file is not a text in UTF-8, nor in UTF-16 with a byte order mark; save it as UTF-8", {
    cause,
  });
}
