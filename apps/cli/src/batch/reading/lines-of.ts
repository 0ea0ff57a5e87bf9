/** A line without its end. */
export interface TextLine {
  /** From 1. */
  readonly number: number;
  /** Absent where it is no text that can be taken. */
  readonly text?: string;
  readonly problem?: string;
}

/**
 * Lines of UTF-8, without those that are blank; no line is held that is longer than allowed, and one that is not UTF-8 says so by itself.
 * @param most bytes of one line
 */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<TextLine> {
  let number = 0;
  let held: Uint8Array[] = [];
  let size = 0;
  const finish = (): TextLine | undefined => {
    const line = read(held, size, ++number, most);
    held = [];
    size = 0;
    return line;
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      size += end - start;
      if (size <= most) held.push(chunk.subarray(start, end));
      start = end + 1;
      const line = finish();
      if (line) yield line;
    }
    size += chunk.length - start;
    if (size <= most) held.push(chunk.subarray(start));
    else held = [];
  }
  if (size > 0) {
    const line = finish();
    if (line) yield line;
  }
}

const lineFeed = 10;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Undefined where it is blank. */
function read(held: readonly Uint8Array[], size: number, number: number, most: number): TextLine | undefined {
  if (size > most) return { number, problem: tooLong(most) };
  let text;
  try {
    text = decoder.decode(held.length === 1 ? held[0] : Buffer.concat(held, size));
  } catch {
    return { number, problem: "it is not UTF-8 text; save the file as UTF-8" };
  }
  if (number === 1 && text.startsWith("\uFEFF")) text = text.slice(1);
  return text.trim() === "" ? undefined : { number, text };
}

export function tooLong(most: number): string {
  return `it has more than ${Math.floor(most / 1e6)} MB; rank its documents in several requests`;
}
