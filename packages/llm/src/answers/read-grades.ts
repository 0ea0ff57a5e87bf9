import { isRecord } from "@dheera-ai/core/provider-utils";

import { bestGrade } from "../prompt/prompts.ts";
import { cutReasoning } from "./cut-reasoning.ts";
import { findJson } from "./find-json.ts";
import { plainDigits, readId } from "./read-ids.ts";
import type { Repairs } from "./read-ranking.ts";

/** The grades of so many documents. */
export interface Grades {
  /** By position; 0 for those that the answer did not grade. */
  readonly grades: readonly number[];
  readonly repairs: Repairs;
}

/** Reads grades out of whatever a model answered. Undefined where it grades no document. */
export function readGrades(answer: string, count: number): Grades | undefined {
  const text = cutReasoning(answer);
  const values = findJson(text);
  // Rows of a list that was cut off stand alone.
  const lists = [...values.map((value) => rowsOf(value, count)), values.flatMap((value) => rowOf(value) ?? [])];
  const rows = best(lists, count) ?? best([rowsOfText(plainDigits(text))], count);
  return rows && collect(rows, count);
}

interface Row {
  readonly id: number;
  readonly grade: number;
}

function best(lists: readonly (readonly Row[])[], count: number): readonly Row[] | undefined {
  let found: readonly Row[] | undefined;
  let most = 0;
  for (const rows of lists) {
    const graded = new Set(rows.flatMap(({ id }) => (id >= 1 && id <= count ? [id] : []))).size;
    if (graded === 0 || graded < most) continue;
    found = rows;
    most = graded;
  }
  return found;
}

function rowsOf(value: unknown, count: number): readonly Row[] {
  if (Array.isArray(value)) {
    const grades = value.map(readGrade);
    // Bare grades, in the order of the documents.
    if (value.length === count && grades.every((grade) => grade !== undefined))
      return grades.map((grade, position) => ({ id: position + 1, grade }));
    return value.flatMap((item) => rowOf(item) ?? []);
  }
  if (!isRecord(value)) return [];
  const lists = Object.values(value).flatMap((inner) => (typeof inner === "object" ? [rowsOf(inner, count)] : []));
  return best([...lists, rowsOfMap(value)], count) ?? [];
}

/** `{"1": 7, "2": 3}`. */
function rowsOfMap(value: Readonly<Record<string, unknown>>): readonly Row[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const grade = readGrade(inner);
    const id = /^\D{0,12}\d+$/.test(name) ? readId(name) : undefined;
    return id === undefined || grade === undefined ? [] : [{ id, grade }];
  });
}

const idNames = ["id", "index", "document", "document_id", "doc", "passage", "number"] as const;
const gradeNames = ["grade", "score", "relevance", "relevance_score", "rating"] as const;

function rowOf(item: unknown): Row | undefined {
  if (!isRecord(item)) return undefined;
  const id = readId(idNames.map((name) => item[name]).find((value) => value !== undefined));
  const grade = readGrade(gradeNames.map((name) => item[name]).find((value) => value !== undefined));
  return id === undefined || grade === undefined ? undefined : { id, grade };
}

/** 7, "7", "7/10"; what lies outside of the scale is no grade. */
function readGrade(value: unknown): number | undefined {
  const [, digits = undefined] =
    typeof value === "string" ? (/^\s*(\d{1,2}(?:\.\d{1,9})?)(?:\s*\/\s*10)?\s*$/.exec(value) ?? []) : [];
  const grade = digits === undefined ? value : Number(digits);
  return typeof grade === "number" && grade >= 0 && grade <= bestGrade ? grade : undefined;
}

/** `[1]: 7`, `Doc: 1, Relevance: 7`. */
function rowsOfText(text: string): readonly Row[] {
  return text.split("\n").flatMap((line) => {
    const [, id, grade] =
      /^[^\d\n]{0,20}(\d{1,9})[^\d\n]{1,20}(\d{1,2}(?:\.\d{1,9})?)(?:\s*\/\s*10)?(?!\d)/.exec(line.slice(0, 200)) ?? [];
    const read = readGrade(grade);
    return id === undefined || read === undefined ? [] : [{ id: Number(id), grade: read }];
  });
}

function collect(rows: readonly Row[], count: number): Grades {
  const grades = new Map<number, number>();
  let repeated = 0;
  let unknown = 0;
  for (const { id, grade } of rows) {
    if (id < 1 || id > count) unknown++;
    else if (grades.has(id)) repeated++;
    else grades.set(id, grade);
  }
  return {
    grades: Array.from({ length: count }, (_, position) => grades.get(position + 1) ?? 0),
    repairs: { missing: count - grades.size, repeated, unknown },
  };
}
