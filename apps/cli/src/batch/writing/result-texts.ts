import type { BatchResult } from "./batch-result.ts";
import { idOf, rowsOf } from "./result-rows.ts";

// Results as the lines of a text file.

/** A result a line; that of a line of OpenAI's batches is one of OpenAI's outputs. */
export async function* jsonlOf(results: AsyncIterable<BatchResult>): AsyncGenerator<string> {
  for await (const result of results)
    yield `${JSON.stringify(result.isBatchLine ? asBatchLine(result) : asLine(result))}\n`;
}

function asBatchLine({ resultId, id, status, requestId, body }: BatchResult): object {
  const response = { status_code: status, request_id: requestId, body };
  return { id: resultId, custom_id: id, response, error: null };
}

function asLine({ line, id, requestId, body: { id: _id, object: _object, ...answer } }: BatchResult): object {
  return { line, ...(id !== undefined && { id }), request_id: requestId, ...answer };
}

/**
 * A row for each document, best first; texts too where they are wanted. Every value stands as it is: programs read it, and a document that
 * begins like a formula must not change on the way.
 */
export async function* csvOf(results: AsyncIterable<BatchResult>, withTexts: boolean): AsyncGenerator<string> {
  const columns = [...tableColumns, ...(withTexts ? textColumns : [])];
  yield `${columns.join(",")}\n`;
  for await (const result of results)
    yield rowsOf(result, withTexts)
      .map((row) => `${columns.map((column) => cell(row[column])).join(",")}\n`)
      .join("");
}

function cell(value: string | number | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /[",;\t\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}

const tableColumns = ["line", "query_id", "document_id", "index", "rank", "relevance_score"] as const;
const textColumns = ["query", "document"] as const;

/** A run as trec_eval reads it: query, Q0, document, rank, score, tag. What has no id has its place as one. */
export async function* trecOf(results: AsyncIterable<BatchResult>): AsyncGenerator<string> {
  for await (const { line, id, ranking, request } of results) {
    const query = word(id ?? String(line));
    const tag = word(request?.model ?? "rerank");
    const lines = ranking.map(({ index, score }, at) => {
      const document = word(idOf(request?.documents[index]) ?? String(index));
      return `${query} Q0 ${document} ${at + 1} ${score} ${tag}\n`;
    });
    yield lines.join("");
  }
}

/** Spaces would make further columns. */
function word(text: string): string {
  return text.replaceAll(/\s+/gu, "_") || "_";
}
