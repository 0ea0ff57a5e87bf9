import type { JsonDocument } from "@dheera-ai/core";

import type { BatchResult } from "./batch-result.ts";

/** One document of a result, as tables have it. */
export interface ResultRow {
  readonly line: number;
  readonly query_id: string | undefined;
  readonly document_id: string | undefined;
  readonly index: number;
  /** From 1. */
  readonly rank: number;
  readonly relevance_score: number;
  /** Both undefined where texts are not wanted. */
  readonly query: string | undefined;
  readonly document: string | undefined;
}

/** A row for each document of a result, best first. */
export function rowsOf({ line, id, ranking, request }: BatchResult, withTexts: boolean): readonly ResultRow[] {
  return ranking.map(({ index, score }, at) => {
    const document = request?.documents[index];
    return {
      line,
      query_id: id,
      document_id: idOf(document),
      index,
      rank: at + 1,
      relevance_score: score,
      query: withTexts ? request?.query : undefined,
      document: withTexts ? textOf(document) : undefined,
    };
  });
}

/** The id that a document brings along. */
export function idOf(document: JsonDocument | undefined): string | undefined {
  if (document === undefined || typeof document === "string") return undefined;
  const id = idNames.map((name) => document[name]).find((value) => value !== undefined && value !== null);
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}

const idNames = ["id", "_id", "document_id", "doc_id", "docid"];

function textOf(document: JsonDocument | undefined): string | undefined {
  if (document === undefined || typeof document === "string") return document;
  return typeof document["text"] === "string" ? document["text"] : JSON.stringify(document);
}
