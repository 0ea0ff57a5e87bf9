import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type CutLimits, type CutPart, cutLines } from "./cut-lines.ts";

const limits: CutLimits = { partBytes: 40, partLines: 4, lineBytes: 100, fileBytes: 10_000, fileLines: 1_000 };

describe("cutLines", () => {
  it("gives the same parts wherever the chunks end", async () => {
    const line = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom("", " ", "\t", "{}"));
    const lines = fc.array(fc.tuple(line.map(withoutEnds), fc.constantFrom("\n", "\r\n")), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.integer({ min: 0, max: 9 })),
        async (texts, hasMark, hasLastEnd, sizes) => {
          const text = texts.map(([content, end]) => content + end).join("");
          const file = Buffer.from((hasMark ? "\uFEFF" : "") + (hasLastEnd ? text : text.replace(/\r?\n$/, "")));
          const parts = await cut(chunked(file, sizes));
          const wanted = texts.map(([content]) => content).filter((content) => !/^[ \t\r]*$/.test(content));
          expect(parts.map(textOf).join("")).toBe(wanted.map((content) => `${content}\n`).join(""));
          expect(parts).toEqual(await cut([file]));
          for (const part of parts) {
            expect(part.lines).toBe(textOf(part).split("\n").length - 1);
            expect(part.lines).toBeLessThanOrEqual(limits.partLines);
            if (part.lines > 1) expect(part.bytes.length).toBeLessThanOrEqual(limits.partBytes);
          }
        },
      ),
    );
  });

  it("refuses a line that is too long with its number, before its end has arrived", async () => {
    const endless = (function* () {
      yield Buffer.from("{}\n\n{}\n");
      for (;;) yield Buffer.from("x".repeat(64));
    })();
    await expect(cut(endless)).rejects.toThrow(
      "file: line 3 has more than 100 bytes, which is the most that a line may have here",
    );
  });

  it("takes a line of exactly the length that is allowed, also with a return before its end", async () => {
    const longest = "x".repeat(100);
    for (const file of [longest, `${longest}\n`, `${longest}\r\n`]) {
      expect((await cut(chunked(Buffer.from(file), [7]))).map(textOf)).toEqual([`${longest}\n`]);
    }
    await expect(cut([Buffer.from(`${longest}x\n`)])).rejects.toThrow("file: line 1 has more than 100 bytes");
  });

  it("names the line that is not UTF-8", async () => {
    const file = Buffer.concat([
      Buffer.from("{}\n{}\n{}\n{}\n{}\n\n"),
      Buffer.from([0xc3, 0x28]),
      Buffer.from("\n{}\n"),
    ]);
    await expect(cut(chunked(file, [5]))).rejects.toThrow("file: line 6 is not UTF-8");
  });

  it("stops at the file's limits of lines and of bytes", async () => {
    await expect(cut([Buffer.from("{}\n".repeat(5))], { fileLines: 4 })).rejects.toThrow(
      "file: it has more than 4 lines",
    );
    await expect(cut([Buffer.from("{}\n".repeat(5))], { fileBytes: 14 })).rejects.toThrow("more than 14 bytes");
    // A packed file of a few bytes may be any number of them.
    await expect(cut([Buffer.from("{}\n"), Buffer.from("\n".repeat(30))], { fileBytes: 14 })).rejects.toThrow(
      "more than 14 bytes",
    );
  });
});

async function cut(chunks: Iterable<Uint8Array>, changed: Partial<CutLimits> = {}): Promise<readonly CutPart[]> {
  const parts: CutPart[] = [];
  for await (const part of cutLines(arriving(chunks), { ...limits, ...changed })) parts.push(part);
  return parts;
}

async function* arriving(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Cut at these distances, again and again. */
function* chunked(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  const repeated = sizes.some((size) => size > 0) ? sizes : [bytes.length + 1];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = repeated[turn % repeated.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Lone surrogates are no UTF-8; a mark in front of the first line would be left out. */
function withoutEnds(text: string): string {
  return text.toWellFormed().replaceAll(/[\r\n\uFEFF]/g, "");
}

function textOf({ bytes }: CutPart): string {
  return Buffer.from(bytes).toString("utf8");
}
