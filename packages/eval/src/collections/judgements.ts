import { refusal } from "./files/refusal.ts";

/** Grades by query and document, as they are read. */
export class Judgements {
  readonly byQuery: Map<string, Map<string, number>> = new Map();

  /** @throws DheeraError `invalid_request` where the pair has another grade already. */
  add(query: string, document: string, grade: number, file: string, line: number): void {
    const grades = this.byQuery.get(query) ?? new Map<string, number>();
    if (grades.size === 0) this.byQuery.set(query, grades);
    const before = grades.get(document);
    if (before !== undefined && before !== grade)
      throw refusal(file, line, "the query and the document have another grade further above; keep one of the two");
    grades.set(document, grade);
  }
}

/** Whole numbers, as trec_eval's; undefined for everything else. */
export function asGrade(text: string): number | undefined {
  return /^[+-]?\d{1,6}(?:\.0{1,6})?$/.test(text) ? Number(text) + 0 : undefined;
}
