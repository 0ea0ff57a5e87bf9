import { type ColumnPlaces, columnPlaces, delimiterOf, describeColumns } from "@dheera-ai/eval";
import { CsvError, type Parser, parse } from "csv-parse";
import * as v from "valibot";

import { UsageError } from "../../errors.ts";
import type { BatchItem, BrokenItem } from "./batch-item.ts";
import { groupRows, type PairRow } from "./group-rows.ts";

/**
 * A pair of query and document a row; the first row names the columns. Between the fields are commas, semicolons or tabs, whichever the
 * first line has most of. Consecutive rows of one query are one request.
 * @param name of the file, for errors
 * @param most bytes of one row, and of the texts of one request
 * @throws UsageError where it is no such table
 */
export function readCsv(
  bytes: AsyncIterable<Uint8Array>,
  { name, most }: { readonly name: string; readonly most: number },
): AsyncGenerator<BatchItem> {
  return groupRows(rowsOf(textOf(bytes, name), name, most), most);
}

async function* rowsOf(
  texts: AsyncGenerator<string>,
  name: string,
  most: number,
): AsyncGenerator<PairRow | BrokenItem> {
  const start = await firstLineOf(texts, name, most);
  const parser = parse({
    bom: true,
    info: true,
    delimiter: delimiterOf(start),
    relax_quotes: true,
    skip_empty_lines: true,
    // Each row with another number of fields has its own error.
    relax_column_count: true,
    max_record_size: most,
  });
  const feeding = feed(parser, start, texts);
  let columns: ColumnPlaces | undefined;
  let width = 0;
  let line = 1;
  try {
    for await (const given of parser) {
      const { record, info } = v.parse(rowSchema, given);
      // A field with line ends makes a row of several lines, and is named by the first.
      const first = line;
      line = info.lines + 1;
      if (!columns) {
        columns = columnPlaces(record);
        width = record.length;
        if (columns.query === -1 || columns.document === -1) throw withoutColumns(name, columns);
      } else if (record.length !== width) {
        yield { line: first, problem: `the row has ${record.length} fields, and the first one names ${width}` };
      } else yield rowOf(record, columns, first);
    }
    await feeding;
  } catch (error) {
    // The parser's own message quotes the row.
    if (error instanceof CsvError) throw new UsageError(`${name}:${line} ${describe(error)}`, { cause: error });
    throw error;
  } finally {
    parser.destroy();
    await feeding.catch(() => undefined);
  }
  if (!columns) throw new UsageError(`${name} is empty; its first row must name the columns: query,document`);
}

const rowSchema = v.object({ record: v.array(v.string()), info: v.object({ lines: v.number() }) });

async function* textOf(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch (error) {
      throw new UsageError(`${name} is not UTF-8 text; save it as UTF-8`, { cause: error });
    }
  };
  for await (const chunk of bytes) yield decode(chunk);
  yield decode();
}

/** The text up to the first line's end, and perhaps more. */
async function firstLineOf(texts: AsyncGenerator<string>, name: string, most: number): Promise<string> {
  let start = "";
  while (!/[^\s\uFEFF][^\r\n]*[\r\n]/.test(start)) {
    const next = await texts.next();
    if (next.done === true) return start;
    start += next.value;
    if (start.length > most) throw new UsageError(`${name}:1 the first line does not end; it must name the columns`);
  }
  return start;
}

/** Reads no faster than rows are taken. */
async function feed(parser: Parser, start: string, texts: AsyncIterable<string>): Promise<void> {
  try {
    parser.write(start);
    for await (const text of texts) {
      if (parser.destroyed) return;
      if (!parser.write(text)) await drained(parser);
    }
    parser.end();
  } catch (error) {
    parser.destroy(error instanceof Error ? error : undefined);
    throw error;
  }
}

function drained(parser: Parser): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ["drain", "close", "error"]) parser.off(event, done);
      resolve();
    };
    for (const event of ["drain", "close", "error"]) parser.once(event, done);
  });
}

function rowOf(record: readonly string[], columns: ColumnPlaces, line: number): PairRow | BrokenItem {
  const field = (column: keyof ColumnPlaces): string => record[columns[column]] ?? "";
  const queryId = field("queryId") || undefined;
  const text = [field("title"), field("document")].filter(Boolean).join(" ");
  if (text === "") return { line, ...(queryId !== undefined && { id: queryId }), problem: "the document is empty" };
  return { line, query: field("query"), queryId, documents: [{ text, id: field("documentId") || undefined }] };
}

export function withoutColumns(name: string, columns: Pick<ColumnPlaces, "query" | "document">): UsageError {
  const missing = columns.query === -1 ? "query" : "document";
  return new UsageError(`${name}: no column is the ${missing}; one must be named ${describeColumns(missing)}`);
}

function describe({ code }: CsvError): string {
  return code === "CSV_MAX_RECORD_SIZE"
    ? "the row is too long, or a quote in it has no end"
    : `is not valid CSV (${code.toLowerCase().replaceAll("_", " ")}); put texts into quotes, and double quotes in them`;
}
