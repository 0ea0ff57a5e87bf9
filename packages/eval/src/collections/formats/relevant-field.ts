import { asId, isObject, type JsonRecord } from "../files/json-record.ts";
import { refusal } from "../files/refusal.ts";
import { asGrade } from "../judgements.ts";

/** A document as a line has it. */
export interface ListedDocument {
  readonly id: string | undefined;
  /** Whether the id is a number in the file. */
  readonly hasNumber: boolean;
  readonly text: string;
}

/**
 * Grades by id out of `relevant`, undefined where it is missing: places of documents from 0 (`[0, 2]`), ids (`["a"]`), both
 * with grades (`{"a": 2, "b": 1}`, `[{"id": "a", "grade": 2}]`). A number is an id where the ids of the documents are numbers.
 * An id that the line does not list is a relevant document that search did not find.
 * @param known ids of the documents in the collection
 * @throws DheeraError `invalid_request` naming the file, the line and the place in the field.
 */
export function gradesIn(
  record: JsonRecord,
  documents: readonly ListedDocument[],
  known: readonly string[],
): ReadonlyMap<string, number> | undefined {
  const value = record.fields["relevant"];
  if (value === undefined || value === null) return undefined;
  const grades = new Map<string, number>();
  const find = finder(documents, known);
  const set = (key: unknown, grade: unknown, where: string): void => {
    const document = find(key);
    const refuse = (problem: string): Error => refusal(record.file, record.line, `"${where}" ${problem}`);
    if (document === undefined) throw refuse("names no document; take its place in the list from 0, or its id");
    const number = gradeOf(grade);
    if (number === undefined) throw refuse("must have a whole number as its grade: 0 not relevant, 1, 2 …");
    grades.set(document, Math.max(number, grades.get(document) ?? number));
  };
  if (isObject(value))
    for (const [index, [key, grade]] of Object.entries(value).entries())
      set(key, grade, `relevant, entry ${index + 1}`);
  else
    for (const [index, entry] of (Array.isArray(value) ? value : [value]).entries()) {
      const where = `relevant[${index}]`;
      if (isObject(entry)) set(keyOf(entry), entry["grade"] ?? entry["relevance"] ?? entry["score"] ?? 1, where);
      else set(entry, 1, where);
    }
  return grades;
}

function keyOf(entry: Readonly<Record<string, unknown>>): unknown {
  return entry["id"] ?? entry["_id"] ?? entry["document_id"] ?? entry["index"];
}

function finder(documents: readonly ListedDocument[], known: readonly string[]): (key: unknown) => string | undefined {
  const byId = new Map(documents.flatMap(({ id }) => (id === undefined ? [] : [[id, id] as const])));
  const byText = new Map(documents.map(({ text }, index) => [text, known[index]]));
  const numbersAreIds = documents.some(({ hasNumber }) => hasNumber);
  return (key) => {
    const id = asId(key);
    if (id === undefined) return undefined;
    if (typeof key === "number" && !numbersAreIds) return known[key];
    const place = byId.size === 0 && /^\d{1,9}$/.test(id) ? known[Number(id)] : undefined;
    return byId.get(id) ?? place ?? byText.get(id) ?? (byId.size > 0 ? id : undefined);
  };
}

function gradeOf(value: unknown): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" || typeof value === "string" ? asGrade(String(value)) : undefined;
}
