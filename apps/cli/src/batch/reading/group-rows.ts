import type { BatchItem, BrokenItem } from "./batch-item.ts";
import { mostIdCharacters } from "./read-jsonl.ts";
import { tooLong } from "./lines-of.ts";

/** A query and one or several of its documents, as a row has them. */
export interface PairRow {
  readonly line: number;
  readonly query: string;
  readonly queryId?: string | undefined;
  readonly documents: readonly PairDocument[];
  /** A query with all its documents: the next row is another request, even of the same query. */
  readonly isWhole?: boolean;
}

export interface PairDocument {
  readonly text: string;
  readonly id?: string | undefined;
}

/** Documents of one request, as the model's side has it. */
const mostDocuments = 10_000;

/**
 * Makes a request of each row, or of consecutive rows of one query; what is held is one request.
 * @param most bytes of the texts of one
 */
export async function* groupRows(rows: AsyncIterable<PairRow | BrokenItem>, most: number): AsyncGenerator<BatchItem> {
  let group: Group | undefined;
  for await (const row of rows) {
    if ("problem" in row) {
      // In the order of the input it comes behind the request that it stands in.
      if (group && group.broken.length < mostHeld) group.broken.push(row);
      else yield row;
      continue;
    }
    if (group && (row.isWhole === true || group.first.isWhole === true || !isSame(group.first, row))) {
      yield itemOf(group, most);
      yield* group.broken;
      group = undefined;
    }
    group ??= { first: row, documents: [], bytes: 0, broken: [] };
    add(group, row, most);
  }
  if (!group) return;
  yield itemOf(group, most);
  yield* group.broken;
}

/** Rows that are broken within one request. */
const mostHeld = 10_000;

interface Group {
  readonly first: PairRow;
  readonly documents: PairDocument[];
  bytes: number;
  /** Rows among its own that are none. */
  readonly broken: BrokenItem[];
}

function isSame(one: PairRow, other: PairRow): boolean {
  return one.query === other.query && one.queryId === other.queryId;
}

function add(group: Group, { documents }: PairRow, most: number): void {
  for (const document of documents) {
    group.bytes += document.text.length + (document.id?.length ?? 0) + 16;
    if (group.bytes <= most && group.documents.length <= mostDocuments) group.documents.push(document);
  }
}

function itemOf({ first, documents, bytes }: Group, most: number): BatchItem {
  const { line, query, queryId: id } = first;
  if (id !== undefined && id.length > mostIdCharacters)
    return { line, problem: `the id of the query has more than ${mostIdCharacters} characters` };
  if (query.trim() === "") return { line, id, problem: "the query is empty" };
  if (documents.length === 0) return { line, id, problem: "the query has no document" };
  if (documents.length > mostDocuments)
    return { line, id, problem: `the query has more than ${mostDocuments.toLocaleString("en")} documents` };
  if (bytes > most) return { line, id, problem: tooLong(most) };
  return { line, id, body: { query, documents: documents.map(asDocument) } };
}

/** Only `text` of such an object is ranked; its id comes back in the result. */
function asDocument({ text, id }: PairDocument): string | { readonly id: string; readonly text: string } {
  return id === undefined ? text : { id, text };
}
