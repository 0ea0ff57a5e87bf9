import { isUtf8 } from "node:buffer";

import { DheeraError } from "@dheera-ai/core";

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
 * and one chunk.
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
  /** Lines of the next part, without their ends. */
  #lines: Uint8Array[] = [];
  #bytes = 0;
  /** Pieces of the line whose end has not been seen. */
  #begun: Uint8Array[] = [];
  #begunBytes = 0;
  #fileLines = 0;
  #fileBytes = 0;
  /** The first bytes, until it is known whether they are a byte order mark. */
  #first: Uint8Array | undefined = new Uint8Array();

  constructor(limits: CutLimits) {
    this.#limits = limits;
  }

  *add(chunk: Uint8Array): Generator<CutPart> {
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
    if (this.#begunBytes > 0) yield* this.#addLine(new Uint8Array());
    if (this.#lines.length > 0) yield this.#takePart();
  }

  *#cut(bytes: Uint8Array): Generator<CutPart> {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(lineFeed, start);
      if (end === -1) break;
      yield* this.#addLine(bytes.subarray(start, end));
      start = end + 1;
    }
    if (start === bytes.length) return;
    this.#begun.push(bytes.subarray(start));
    this.#begunBytes += bytes.length - start;
    this.#refuseLongLine(this.#begunBytes);
  }

  *#addLine(rest: Uint8Array): Generator<CutPart> {
    const whole = this.#begunBytes === 0 ? rest : Buffer.concat([...this.#begun, rest]);
    this.#begun = [];
    this.#begunBytes = 0;
    const line = whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole;
    if (isBlank(line)) return;
    this.#refuseLongLine(line.length);
    this.#fileLines++;
    this.#fileBytes += line.length + 1;
    this.#refuseLongFile();
    const { partBytes, partLines } = this.#limits;
    const isFull = this.#lines.length >= partLines || this.#bytes + line.length + 1 > partBytes;
    if (isFull && this.#lines.length > 0) yield this.#takePart(1);
    this.#lines.push(line);
    this.#bytes += line.length + 1;
  }

  /** `later`: lines that were counted and are not in the part. */
  #takePart(later = 0): CutPart {
    const bytes = Buffer.allocUnsafe(this.#bytes);
    let at = 0;
    for (const line of this.#lines) {
      bytes.set(line, at);
      at += line.length;
      bytes[at++] = lineFeed;
    }
    const lines = this.#lines.length;
    if (!isUtf8(bytes)) {
      const wrong = this.#lines.findIndex((line) => !isUtf8(line));
      throw new DheeraError(
        "invalid_request",
        `file: line ${this.#fileLines - later - lines + wrong + 1} is not UTF-8; a batch is JSON lines in UTF-8`,
        { param: "file" },
      );
    }
    this.#lines = [];
    this.#bytes = 0;
    return { bytes, lines };
  }

  /** With room for the `\r` of a line whose end has not been seen. */
  #refuseLongLine(bytes: number): void {
    const { lineBytes } = this.#limits;
    if (bytes <= lineBytes + (this.#begunBytes > 0 ? 1 : 0)) return;
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

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Nothing but spaces, tabs and returns. */
function isBlank(line: Uint8Array): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn) return false;
  return true;
}
