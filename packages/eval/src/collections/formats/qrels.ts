import type { Budget } from "../files/budget.ts";
import { readLines } from "../files/read-lines.ts";
import { refusal } from "../files/refusal.ts";
import { asGrade, Judgements } from "../judgements.ts";

/**
 * Judgements as TREC has them (`query 0 document grade`) and as BEIR has them (`query-id corpus-id score`, tabs between).
 * @throws DheeraError `invalid_request` naming the file, the line and what is wrong with it.
 */
export async function readQrels(file: string, budget: Budget): Promise<Judgements> {
  const judgements = new Judgements();
  let first = true;
  await readLines(file, budget, (line, number) => {
    const fields = fieldsOf(line);
    const [query = "", document = "", grade = ""] = fields.length === 4 ? [fields[0], fields[2], fields[3]] : fields;
    const isHeader = first && /[a-z]/i.test(grade);
    first = false;
    if (fields.length !== 3 && fields.length !== 4)
      throw refusal(
        file,
        number,
        `the line has ${fields.length} columns, not 3 (query-id, corpus-id, score) or 4 (query, 0, document, grade)`,
      );
    if (isHeader) return;
    const parsed = asGrade(grade);
    if (parsed === undefined)
      throw refusal(
        file,
        number,
        "the grade, which is the last column, must be a whole number: 0 not relevant, 1, 2 …",
      );
    if (query === "" || document === "") throw refusal(file, number, "the id of the query or of the document is empty");
    judgements.add(query, document, parsed, file, number);
  });
  return judgements;
}

/** Between tabs ids may have spaces. */
function fieldsOf(line: string): readonly string[] {
  return line.includes("\t") ? line.split("\t").map((field) => field.trim()) : line.trim().split(/ +/);
}
