import type { Score } from "../contract.ts";
import { DheeraError } from "../errors.ts";

/**
 * Reads the scores out of any answer that rerank servers are known to give: an array (or one under `results`, `data`,
 * `rankings`, `records`, `scores` or `similarities`) of numbers, of `{ index, score }` under the names
 * `relevance_score`, `score`, `logit` or `relevanceScore`, or of `{ label, score }` (single or nested in one-element
 * arrays, in input order). Whether every document is there is checked by core afterwards.
 * @throws DheeraError `provider_bad_response` when the answer is none of these.
 */
export function readScores(answer: unknown): readonly Score[] {
  const rows = findRows(answer);
  if (!rows) throw unreadable(`${describe(answer)} holds no list of scores`);
  return rows.map(readRow);
}

const lists = ["results", "data", "rankings", "records", "scores", "similarities"] as const;
const scoreNames = ["relevance_score", "score", "logit", "relevanceScore"] as const;

function findRows(answer: unknown): readonly unknown[] | undefined {
  if (Array.isArray(answer)) return answer;
  if (!isRecord(answer)) return undefined;
  for (const name of lists) {
    const rows = answer[name];
    if (Array.isArray(rows)) return rows;
  }
  return undefined;
}

function readRow(entry: unknown, position: number): Score {
  const row = unwrap(entry, position);
  if (typeof row === "number") return { index: position, score: row };
  if (!isRecord(row)) throw unreadable(`entry ${position} is ${describe(row)}`);
  for (const name of scoreNames) {
    const score = row[name];
    if (typeof score === "number") return { index: readIndex(row["index"], position), score };
    // JSON has no NaN: servers write null in its place. Core refuses it with the document's index.
    if (score === null) return { index: readIndex(row["index"], position), score: Number.NaN };
  }
  throw unreadable(`entry ${position} has no score`);
}

/** What stands in one-element lists. A loop, because an upstream may nest them deeper than the stack is. */
function unwrap(entry: unknown, position: number): unknown {
  let row = entry;
  while (Array.isArray(row)) {
    if (row.length !== 1) throw unreadable(`document ${position} got ${row.length} labels where a reranker gives one`);
    row = row[0];
  }
  return row;
}

function readIndex(index: unknown, position: number): number {
  if (index === undefined) return position;
  if (typeof index !== "number") throw unreadable(`entry ${position} has ${describe(index)} for an index`);
  return index;
}

function unreadable(what: string): DheeraError {
  return new DheeraError("provider_bad_response", `the upstream's answer cannot be read: ${what}`);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return `a ${typeof value}`;
}

/** Whether a value is an object whose fields can be read; lists count too. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
