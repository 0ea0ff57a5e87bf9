import type { Parts } from "../assemble.ts";
import type { Budget } from "../files/budget.ts";
import { readTable } from "../files/read-table.ts";
import { refusal } from "../files/refusal.ts";
import { JudgedLists } from "../judged-lists.ts";
import { asGrade } from "../judgements.ts";
import { type ColumnPlaces, columnPlaces, describeColumns } from "./column-places.ts";

/**
 * A pair of query and document a row, with its grade; the first row names the columns. A row without a grade is a candidate
 * that nobody judged.
 * @throws DheeraError `invalid_request` naming the file, the line and the column.
 */
export async function readJudgedCsv(file: string, budget: Budget): Promise<Parts> {
  const lists = new JudgedLists();
  let columns: ColumnPlaces | undefined;
  await readTable(file, budget, (row, line) => {
    if (columns) take(row, columns, lists, { file, line });
    else columns = checkedColumns(row, file, line);
  });
  return lists.finish();
}

function checkedColumns(header: readonly string[], file: string, line: number): ColumnPlaces {
  const columns = columnPlaces(header);
  for (const needed of ["query", "document", "grade"] as const)
    if (columns[needed] === -1)
      throw refusal(
        file,
        line,
        `no column is the ${needed}; the first row must name one of them ${describeColumns(needed)}`,
      );
  return columns;
}

function take(
  row: readonly string[],
  columns: ColumnPlaces,
  lists: JudgedLists,
  place: { readonly file: string; readonly line: number },
): void {
  const field = (column: keyof ColumnPlaces): string => row[columns[column]]?.trim() ?? "";
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
