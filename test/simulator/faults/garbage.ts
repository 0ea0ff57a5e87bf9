import type { Answer } from "../http/answer.ts";
import type { Garbage } from "./faults.ts";

/** Turns a right answer of `/rerank` into a wrong one with the same status. */
export function spoil(answer: Answer, garbage: Garbage): Answer {
  if (garbage === "html")
    return {
      status: 200,
      headers: { "content-type": "text/html" },
      body: "<!doctype html><html><body><h1>It works!</h1></body></html>",
    };
  return { ...answer, body: spoilBody(answer.body, garbage) };
}

interface Row {
  readonly index: number;
  readonly score: unknown;
}

function spoilBody(body: string, garbage: Exclude<Garbage, "html">): string {
  switch (garbage) {
    case "empty":
      return "";
    case "wrong-shape":
      return JSON.stringify({ embeddings: [[0.1, 0.2]] });
    case "cut-json":
      return body.slice(0, -2);
    case "duplicate-index":
      return onRows(body, (rows) => (rows.length > 1 ? [...rows.slice(1), ...rows.slice(-1)] : [...rows, ...rows]));
    case "missing-index":
      return onRows(body, (rows) => rows.slice(1));
    case "index-out-of-range":
      return onRows(body, (rows) => changeFirst(rows, (row) => ({ ...row, index: rows.length })));
    case "fractional-index":
      return onRows(body, (rows) => changeFirst(rows, (row) => ({ ...row, index: row.index + 0.5 })));
    case "null-score":
      return onRows(body, (rows) => changeFirst(rows, (row) => ({ ...row, score: null })));
    case "text-score":
      return onRows(body, (rows) => changeFirst(rows, (row) => ({ ...row, score: "high" })));
    case "nan-score":
      // Not JSON; Python servers write it all the same.
      return body.replace(/"score":[-\d.e]+/, '"score":NaN');
  }
}

function onRows(body: string, change: (rows: readonly Row[]) => readonly Row[]): string {
  const rows: readonly Row[] = JSON.parse(body);
  return JSON.stringify(change(rows));
}

function changeFirst(rows: readonly Row[], change: (row: Row) => Row): readonly Row[] {
  return rows.map((row, position) => (position === 0 ? change(row) : row));
}
