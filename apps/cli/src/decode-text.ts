import { UsageError } from "./errors.ts";

/**
 * The text of a file or a pipe: UTF-8, or the UTF-16 that PowerShell and spreadsheets write, which begins with a byte
 * order mark or has a zero in every other byte.
 * @param name of the source, for the error
 * @throws UsageError when it is neither
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  try {
    // The decoder drops the byte order mark.
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${name} is not UTF-8 text; save it as UTF-8`, { cause: error });
  }
}

/** Told by the first four bytes. */
export function encodingOf([first, second, third, fourth]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if ((first === 0xff && second === 0xfe) || (second === 0 && fourth === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && third === 0)) return "utf-16be";
  return "utf-8";
}
