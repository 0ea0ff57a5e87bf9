import { isUtf8 } from "node:buffer";

import { DheeraError } from "@dheera-ai/core";

import { GrowingBytes } from "./growing-bytes.ts";

/** Whole lines, each with its end `\n`. */
export interface CutPart {
  readonly bytes: Uint8Array;
  readonly lines: number;
}

export interface CutLimits {
  /** A part is cut before it would be larger; one line that is larger is a part of its own. */
  readonly partBytes: number;
  readonly partLines: number;
  /** Beyond these the file is refused. */
  readonly lineBytes: number;
  readonly fileBytes: number;
  readonly fileLines: number;
}

/**
 * Bytes as they arrive → parts of whole lines. Line ends become `\n`, empty lines and a byte order mark are left out. Holds one part
 * and one line, in copies, whatever pieces they come in: a piece of a few bytes may be the last that needs a large buffer.
 * @throws DheeraError `invalid_request` or `request_too_large`, with the number of the line: lines that are not empty count, from 1
 */
export async function* cutLines(chunks: AsyncIterable<Uint8Array>, limits: CutLimits): AsyncGenerator<CutPart> {
  const cutter = new Cutter(limits);
  for await (const chunk of chunks) {
    for (const part of cutter.add(chunk)) yield part;
  }
  for (const part of cutter.end()) yield part;
}

class Cutter {
  readonly #limits: CutLimits;
  /** Whole lines of the next part, with their ends. */
  readonly #part = new GrowingBytes();
  #partLines = 0;
  /** The line whose end has not been seen. */
  readonly #begun = new GrowingBytes();
  #fileLines = 0;
  /** Of whole lines, and of everything that came. */
  #fileBytes = 0;
  #seenBytes = 0;
  /** The first bytes, until it is known whether they are a byte order mark. */
  #first: Uint8Array | undefined = new Uint8Array();

  constructor(limits: CutLimits) {
    this.#limits = limits;
  }

  *add(chunk: Uint8Array): Generator<CutPart> {
    this.#seenBytes += chunk.length;
    // With room for line ends that become shorter. A small packed file may unpack into any number of empty lines.
    if (this.#seenBytes > 2 * this.#limits.fileBytes) throw tooLarge(`more than ${this.#limits.fileBytes} bytes`);
    let bytes = chunk;
    if (this.#first) {
      bytes = Buffer.concat([this.#first, chunk]);
      if (bytes.length < 3) {
        this.#first = bytes;
        return;
      }
      this.#first = undefined;
      bytes = withoutMark(bytes);
    }
    yield* this.#cut(bytes);
  }

  *end(): Generator<CutPart> {
    if (this.#first) yield* this.#cut(this.#first);
    if (this.#begun.length > 0) yield* this.#addLine(this.#begun.take());
    if (this.#partLines > 0) yield this.#takePart();
  }

  *#cut(bytes: Uint8Array): Generator<CutPart> {
    let start = 0;
    for (;;) {
      if (this.#begun.length === 0) while (bytes[start] === lineFeed) start++;
      const end = bytes.indexOf(lineFeed, start);
      if (end === -1) break;
      const rest = bytes.subarray(start, end);
      start = end + 1;
      if (this.#begun.length === 0) yield* this.#addLine(rest);
      else {
        this.#begun.add(rest);
        yield* this.#addLine(this.#begun.take());
      }
    }
    if (start >= bytes.length) return;
    this.#begun.add(bytes.subarray(start));
    // With room for the `\r` of a line whose end has not been seen.
    this.#refuseLongLine(this.#begun.length - 1);
  }

  *#addLine(whole: Uint8Array): Generator<CutPart> {
    const line = whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    if (isBlank(line)) return;
    this.#refuseLongLine(line.length);
    this.#fileLines++;
    this.#fileBytes += line.length + 1;
    this.#refuseLongFile();
    const { partBytes, partLines } = this.#limits;
    const isFull = this.#partLines >= partLines || this.#part.length + line.length + 1 > partBytes;
    if (isFull && this.#partLines > 0) yield this.#takePart(1);
    this.#part.add(line);
    this.#part.add(lineEnd);
    this.#partLines++;
  }

  /** `later`: lines that were counted and are not in the part. */
  #takePart(later = 0): CutPart {
    const bytes = this.#part.take();
    const lines = this.#partLines;
    this.#partLines = 0;
    if (!isUtf8(bytes)) {
      throw new DheeraError(
        "invalid_request",
        `file: line ${this.#fileLines - later - lines + wrongLineOf(bytes)} is not UTF-8; a batch is JSON lines in UTF-8`,
        { param: "file" },
      );
    }
    return { bytes, lines };
  }

  #refuseLongLine(bytes: number): void {
    const { lineBytes } = this.#limits;
    if (bytes <= lineBytes) return;
    throw new DheeraError(
      "request_too_large",
      `file: line ${this.#fileLines + 1} has more than ${lineBytes} bytes, which is the most that a line may have here`,
      { param: "file" },
    );
  }

  #refuseLongFile(): void {
    const { fileBytes, fileLines } = this.#limits;
    if (this.#fileBytes > fileBytes) throw tooLarge(`more than ${fileBytes} bytes`);
    if (this.#fileLines > fileLines) throw tooLarge(`more than ${fileLines} lines`);
  }
}

function tooLarge(what: string): DheeraError {
  return new DheeraError("request_too_large", `file: it has ${what}; divide it into several files`, { param: "file" });
}

/** From 1. */
function wrongLineOf(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(lineFeed, start);
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
  return line;
}

const lineFeed = 0x0a;
const lineEnd = Uint8Array.of(lineFeed);
const carriageReturn = 0x0d;

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Nothing but spaces, tabs and returns. */
function isBlank(line: Uint8Array): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn) return false;
  return true;
}
