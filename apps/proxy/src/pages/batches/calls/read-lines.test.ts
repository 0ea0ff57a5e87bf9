import fc from "fast-check";
import { expect, it } from "vitest";

import { readLines } from "./read-lines.ts";

it("gives the lines of a text, however it is cut into pieces", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", "é"))),
      fc.integer({ min: 1, max: 9 }),
      async (lines, size) => {
        const read = await all(readLines(streamOf(lines.map((line) => `${line}\n`).join(""), size), 1_000));
        expect(read).toEqual(lines);
      },
    ),
  );
});

it("gives the beginning of a line that is too long, and a last one without an end", async () => {
  expect(await all(readLines(streamOf("abcdefgh\nij", 3), 4))).toEqual(["abcd", "ij"]);
});

it("cancels what nobody reads any more", async () => {
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("line\n")),
    cancel: () => {
      isCancelled = true;
    },
  });
  for await (const line of readLines(endless, 100)) {
    expect(line).toBe("line");
    break;
  }
  expect(isCancelled).toBe(true);
});

async function all(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  return read;
}

function streamOf(text: string, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
}
