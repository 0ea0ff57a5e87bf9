import { getHeapStatistics } from "node:v8";

import { type ColumnPlaces, columnPlaces } from "@dheera-ai/eval";
import type { FileMetaData, ParquetRow, RowGroup } from "hyparquet";

import { describeFileError } from "../../describe-file-error.ts";
import { UsageError } from "../../errors.ts";
import type { BatchItem, BrokenItem } from "./batch-item.ts";
import { groupRows, type PairDocument, type PairRow } from "./group-rows.ts";
import { withoutColumns } from "./read-csv.ts";

/**
 * The columns of `readCsv` in Parquet, or a query with lists of its documents and of their ids a row. Read row group by row group, of
 * which one is held.
 * @param most bytes of the texts of one request
 * @throws UsageError where it cannot be read
 */
export async function* readParquet(file: string, most: number): AsyncGenerator<BatchItem> {
  // Nobody waits for it who reads other files.
  const parquet = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const source = await parquet.asyncBufferFromFile(file);
  const metadata = await parquet.parquetMetadataAsync(source).catch((error: unknown) => {
    throw refusal(file, error);
  });
  const columns = parquet.parquetSchema(metadata).children.map(({ element }) => element.name);
  const places = placesOf(columns, file);
  const read = async (rowStart: number, rowEnd: number): Promise<readonly ParquetRow[]> => {
    const wanted = Object.values(places).flatMap((at) => (at === -1 ? [] : (columns[at] ?? [])));
    const options = { file: source, metadata, compressors, columns: wanted, rowStart, rowEnd };
    return await parquet.parquetReadObjects(options).catch((error: unknown) => {
      throw refusal(file, error);
    });
  };
  yield* groupRows(rowsOf(metadata, columns, places, file, read), most);
}

type Places = Pick<ColumnPlaces, "query" | "document" | "queryId" | "documentId" | "title">;

function placesOf(columns: readonly string[], file: string): Places {
  // Lists have the same names in the plural.
  const { query, document, queryId, documentId, title } = columnPlaces(
    columns.map((name) => name.replace(/(document|passage|text|doc|content|_id)s$/i, "$1")),
  );
  if (query === -1 || document === -1) throw withoutColumns(file, { query, document });
  return { query, document, queryId, documentId, title };
}

async function* rowsOf(
  { row_groups: groups }: FileMetaData,
  columns: readonly string[],
  places: Places,
  file: string,
  read: (start: number, end: number) => Promise<readonly ParquetRow[]>,
): AsyncGenerator<PairRow | BrokenItem> {
  let start = 0;
  for (const group of groups) {
    refuseLarge(group, file);
    const end = start + Number(group.num_rows);
    if (end === start) continue;
    for (const [at, row] of (await read(start, end)).entries()) yield rowOf(row, columns, places, start + at + 1);
    start = end;
  }
}

function refuseLarge({ columns }: RowGroup, file: string): void {
  const bytes = columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0), 0);
  const most = getHeapStatistics().heap_size_limit / 4;
  if (bytes > most)
    throw new UsageError(
      `${file} has row groups of more than ${Math.floor(most / 1e6)} MB; write it with smaller ones, such as row_group_size=50000 of pyarrow`,
    );
}

function rowOf(row: ParquetRow, columns: readonly string[], places: Places, line: number): PairRow | BrokenItem {
  const field = (place: keyof Places): unknown => row[columns[places[place]] ?? ""];
  const query = textOf(field("query"));
  const queryId = textOf(field("queryId")) || undefined;
  const id = queryId === undefined ? {} : { id: queryId };
  if (query === undefined) return { line, ...id, problem: "the query is no text" };
  const found = field("document");
  const ids = field("documentId");
  const title = textOf(field("title")) ?? "";
  const isWhole = Array.isArray(found);
  const documents: PairDocument[] = [];
  for (const [at, one] of (isWhole ? found : [found]).entries()) {
    const text = [isWhole ? "" : title, textOf(one) ?? ""].filter(Boolean).join(" ");
    if (text === "") return { line, ...id, problem: isWhole ? `document ${at} is no text` : "the document is no text" };
    documents.push({ text, id: textOf(isWhole && Array.isArray(ids) ? ids[at] : isWhole ? undefined : ids) });
  }
  return { line, query, queryId, documents, isWhole };
}

/** Whole numbers are ids too, and may be larger than a number holds. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
}

function refusal(file: string, error: unknown): unknown {
  const reason = describeFileError(error);
  return reason === undefined && error instanceof Error
    ? new UsageError(`${file} is no Parquet file that can be read: it is damaged, or packed in an unknown way`, {
        cause: error,
      })
    : error;
}
