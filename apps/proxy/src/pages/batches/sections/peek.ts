import { readLines } from "../calls/read-lines.ts";
import { type FirstLine, readFirstLine } from "../state/first-line.ts";

/** Bytes that are read of a file. */
const mostBytes = 1_000_000;

/** What the first line of a file says; undefined where it is longer than what is read, or cannot be unpacked. */
export async function peekAt(file: File): Promise<FirstLine | undefined> {
  const start = file.slice(0, mostBytes);
  try {
    const [first = 0, second = 0] = new Uint8Array(await start.slice(0, 2).arrayBuffer());
    const isPacked = first === 0x1f && second === 0x8b;
    const stream = isPacked ? start.stream().pipeThrough(new DecompressionStream("gzip")) : start.stream();
    for await (const line of readLines(stream, mostBytes))
      return line.length >= mostBytes ? undefined : readFirstLine(line);
  } catch {
    // Cut off in the middle of its first line, or unreadable: the proxy will say so.
  }
  return undefined;
}
