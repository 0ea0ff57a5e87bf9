/** What each column of a table may be called, in any case, with spaces or hyphens for underlines. */
const names = {
  query: ["query", "question", "query_text", "search"],
  document: ["document", "passage", "text", "doc", "document_text", "content", "body"],
  grade: ["grade", "relevant", "relevance", "judgement", "judgment", "label", "rating", "score"],
  queryId: ["query_id", "qid", "queryid"],
  documentId: ["document_id", "doc_id", "docid", "documentid", "corpus_id"],
  title: ["title"],
} as const;

/** Which column is what, from 0; -1 where there is none. */
export type ColumnPlaces = Readonly<Record<keyof typeof names, number>>;

/** Where the known columns stand in the header of a table, by any of their names; -1 for one that is not there. */
export function columnPlaces(header: readonly string[]): ColumnPlaces {
  const known = header.map((name) => name.trim().toLowerCase().replaceAll(/[ -]/g, "_"));
  const find = (accepted: readonly string[]): number =>
    accepted.map((name) => known.indexOf(name)).find((at) => at !== -1) ?? -1;
  return {
    query: find(names.query),
    document: find(names.document),
    grade: find(names.grade),
    queryId: find(names.queryId),
    documentId: find(names.documentId),
    title: find(names.title),
  };
}

/** The names that a column may have, for messages. */
export function describeColumns(column: keyof typeof names): string {
  return names[column].join(", ");
}
