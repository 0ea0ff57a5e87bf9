import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";

import fc from "fast-check";
import { expect, it } from "vitest";

import type { Input } from "../../terminal.ts";
import { writeParquet } from "../writing/write-parquet.ts";
import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { type BatchItem, isBroken } from "./batch-item.ts";
import { groupRows } from "./group-rows.ts";
import { linesOf } from "./lines-of.ts";
import { openBytes } from "./open-bytes.ts";
import { readCsv } from "./read-csv.ts";
import { readJsonl } from "./read-jsonl.ts";
import { readParquet } from "./read-parquet.ts";

const most = 1_000_000;

/** Bytes in pieces of these sizes, over and over. */
async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let start = 0, at = 0; start < bytes.length; at++) {
    const size = sizes[at % sizes.length] ?? 1;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const filled = text.filter((one) => one.trim() !== "");

it("reads the same lines in whatever pieces they come", async () => {
  const line = text.map((one) => one.replaceAll(/[\n\uFEFF]/g, " "));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.boolean(), sizes, async (lines, hasEnd, pieces) => {
      const bytes = Buffer.from(lines.join("\n") + (hasEnd ? "\n" : ""));
      const expected = lines.flatMap((one, at) => (one.trim() === "" ? [] : [{ number: at + 1, text: one }]));
      expect(await all(linesOf(inPieces(bytes, pieces), most))).toEqual(expected);
    }),
  );
});

it("says of a line that is too long, or no UTF-8, what is wrong, and reads on", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (pieces) => {
      const bytes = Buffer.concat([
        Buffer.from(`${"x".repeat(2_000_000)}\ngood\n`),
        Buffer.from([0xc3, 0x28, 0x0a, 0x61]),
      ]);
      const large = pieces.map((size) => size * 50_000);
      expect(await all(linesOf(inPieces(bytes, large), 1_000_000))).toEqual([
        { number: 1, problem: expect.stringContaining("more than 1 MB") },
        { number: 2, text: "good" },
        { number: 3, problem: expect.stringContaining("UTF-8") },
        { number: 4, text: "a" },
      ]);
    }),
    { numRuns: 10 },
  );
});

it("makes an item of every line of JSON Lines, whatever stands there", async () => {
  const line = fc.oneof(
    fc.json(),
    text,
    fc.record({ query: fc.anything(), documents: fc.anything(), id: fc.anything() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line), sizes, async (lines, pieces) => {
      const written = lines.map((one) => (typeof one === "string" ? one.replaceAll("\n", " ") : jsonOf(one)));
      const filledLines = written.map((one, at) => ({ one, line: at + 1 })).filter(({ one }) => one.trim() !== "");
      const items = await all(readJsonl(inPieces(Buffer.from(written.join("\n")), pieces), most));
      expect(items.map((item) => item.line)).toEqual(filledLines.map((one) => one.line));
      for (const item of items)
        if (!isBroken(item))
          expect(item.body).toMatchObject({ query: expect.any(String), documents: expect.any(Array) });
    }),
  );
});

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

const pair = fc.record({ queryId: fc.constantFrom("", "q1", "q2"), query: filled, id: text, text: filled });

it("reads tables as they were written, in whatever pieces, packed or not, with any separator", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(pair, { minLength: 1 }),
      fc.constantFrom(",", ";", "\t"),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      sizes,
      async (pairs, separator, end, isPacked, pieces) => {
        const quote = (field: string): string => `"${field.replaceAll('"', '""')}"`;
        const rows = pairs.map((one) => [one.query, one.text, one.queryId, one.id].map(quote).join(separator));
        const head = ["Query", "document", "query id", "doc_id"].join(separator);
        const table = Buffer.from([head, ...rows].join(end));
        const input = inputOf(inPieces(isPacked ? gzipSync(table) : table, pieces));
        const items = await all(readCsv(openBytes("-", input), { name: "table", most }));
        expect(items.flatMap(pairsOf)).toEqual(
          pairs.map(({ queryId, query, id, text: document }) => ({ queryId, query, id, text: document })),
        );
      },
    ),
  );
});

function inputOf(bytes: AsyncIterable<Uint8Array>): Input {
  return {
    interactive: false,
    read: () => Promise.reject(new Error("it is read as a stream")),
    stream: () => Readable.from(bytes),
  };
}

function pairsOf(item: BatchItem): readonly object[] {
  if (isBroken(item)) throw new Error(`line ${item.line}: ${item.problem}`);
  const { query, documents } = item.body;
  if (!Array.isArray(documents)) throw new Error("no documents");
  return documents.map((document) => {
    const { id, text: body } = typeof document === "string" ? { id: "", text: document } : document;
    return { queryId: item.id ?? "", query, id, text: body };
  });
}

it("makes one request of consecutive rows of a query, and never one of two", async () => {
  const row = fc.record({ query: fc.constantFrom("a", "b"), queryId: fc.constantFrom(undefined, "1", "2") });
  await fc.assert(
    fc.asyncProperty(fc.array(row), async (rows) => {
      const given = rows.map((one, at) => ({ ...one, line: at + 1, documents: [{ text: `d${at}` }] }));
      const items = await all(groupRows(Readable.from(given), most));
      const changes = rows.filter(
        (one, at) => at === 0 || one.query !== rows[at - 1]?.query || one.queryId !== rows[at - 1]?.queryId,
      );
      expect(items).toHaveLength(changes.length);
      expect(items.flatMap((item) => (isBroken(item) ? [] : item.body["documents"]))).toEqual(
        given.map(({ documents: [document] }) => document?.text),
      );
    }),
  );
});

it("says of a row with another number of fields its line, and reads on", async () => {
  const table = 'query,document\nq,"two\nlines"\nq\nq,b,c\nq,\nr,d\n';
  expect(await all(readCsv(inPieces(Buffer.from(table), [7]), { name: "table", most }))).toEqual([
    { line: 2, id: undefined, body: { query: "q", documents: ["two\nlines"] } },
    { line: 4, problem: "the row has 1 fields, and the first one names 2" },
    { line: 5, problem: "the row has 3 fields, and the first one names 2" },
    { line: 6, problem: "the document is empty" },
    { line: 7, id: undefined, body: { query: "r", documents: ["d"] } },
  ]);
});

it("reads Parquet as it was written", async () => {
  const result = fc.record({
    id: fc.option(filled, { nil: undefined }),
    query: filled,
    documents: fc.array(fc.record({ id: filled, text: filled }), { minLength: 1, maxLength: 5 }),
  });
  await using folder = await createFolder();
  const file = `${folder.path}/table.parquet`;
  await fc.assert(
    fc.asyncProperty(fc.array(result, { minLength: 1 }), async (given) => {
      const results = given.map(({ id, query, documents }, at) => ({
        line: at + 1,
        id,
        isBatchLine: false,
        resultId: "",
        requestId: "",
        status: 200,
        body: {},
        ranking: documents.map((_, index) => ({ index, score: index / 7 })),
        request: { model: "m", query, documents },
      }));
      await writeParquet(Readable.from(results), file, true);
      const items = await all(readParquet(file, most));
      expect(items.flatMap(pairsOf)).toEqual(
        given.flatMap(({ id = "", query, documents }) => documents.map((one) => ({ queryId: id, query, ...one }))),
      );
      await rm(file);
    }),
    { numRuns: 50 },
  );
});

it("reads the UTF-16 that PowerShell writes", async () => {
  const bytes = Buffer.from('\uFEFF{"query":"é","documents":["ü"]}\r\n', "utf16le");
  const items = await all(readJsonl(openBytes("-", inputOf(inPieces(bytes, [3]))), most));
  expect(items).toEqual([{ line: 1, id: undefined, body: { query: "é", documents: ["ü"] } }]);
});
