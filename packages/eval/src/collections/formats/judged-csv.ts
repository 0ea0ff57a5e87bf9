import type { Parts } from "../assemble.ts";
import type { Budget } from "../files/budget.ts";
import { readTable } from "../files/read-table.ts";
import { refusal } from "../files/refusal.ts";
import { JudgedLists } from "../judged-lists.ts";
import { asGrade } from "../judgements.ts";

/**
 * A pair of query and document a row, with its grade; the first row names the columns. A row without a grade is a candidate
 * that nobody judged.
 * @throws DheeraError `invalid_request` naming the file, the line and the column.
 */
export async function readJudgedCsv(file: string, budget: Budget): Promise<Parts> {
  const lists = new JudgedLists();
  let columns: Columns | undefined;
  await readTable(file, budget, (row, line) => {
    if (columns) take(row, columns, lists, { file, line });
    else columns = columnsOf(row, file, line);
  });
  return lists.finish();
}

/** What each column may be called, in any case, with spaces or hyphens for underlines. */
const names = {
  query: ["query", "question", "query_text", "search"],
  document: ["document", "passage", "text", "doc", "document_text", "content", "body"],
  grade: ["grade", "relevant", "relevance", "judgement", "judgment", "label", "rating", "score"],
  queryId: ["query_id", "qid", "queryid"],
  documentId: ["document_id", "doc_id", "docid", "documentid", "corpus_id"],
  title: ["title"],
} as const;

type Columns = Readonly<Record<keyof typeof names, number>>;

function columnsOf(header: readonly string[], file: string, line: number): Columns {
  const known = header.map((name) => name.trim().toLowerCase().replaceAll(/[ -]/g, "_"));
  const find = (accepted: readonly string[]): number =>
    accepted.map((name) => known.indexOf(name)).find((at) => at !== -1) ?? -1;
  const columns = {
    query: find(names.query),
    document: find(names.document),
    grade: find(names.grade),
    queryId: find(names.queryId),
    documentId: find(names.documentId),
    title: find(names.title),
  };
  for (const needed of ["query", "document", "grade"] as const)
    if (columns[needed] === -1)
      throw refusal(
        file,
        line,
        `no column is the ${needed}; the first row must name one of them ${names[needed].join(", ")}`,
      );
  return columns;
}

function take(
  row: readonly string[],
  columns: Columns,
  lists: JudgedLists,
  place: { readonly file: string; readonly line: number },
): void {
  const field = (column: keyof Columns): string => row[columns[column]]?.trim() ?? "";
  const query = lists.addQuery(field("queryId") || undefined, field("query"), place);
  const text = `${field("title")} ${field("document")}`.trim();
  const document = lists.addDocument(query, field("documentId") || undefined, text, place);
  if (field("grade") === "") return;
  const grade = words.get(field("grade").toLowerCase()) ?? asGrade(field("grade"));
  if (grade === undefined)
    throw refusal(place.file, place.line, "the grade must be a whole number (0 not relevant, 1, 2 …), or yes or no");
  lists.judge(query, document, grade, place);
}

const words: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["yes", 1],
  ["relevant", 1],
  ["false", 0],
  ["no", 0],
  ["not relevant", 0],
  ["irrelevant", 0],
]);
